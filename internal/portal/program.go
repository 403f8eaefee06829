package portal

import "github.com/thingward/thingward/internal/domain"

// programName makes something readable of a user agent.
func programName(agent string) string { return domain.ProgramName(agent) }

package portal

import "github.com/thingward/thingward/internal/web"

// appRoutes are the pages about apps, as people and as administrators see
// them. WoTKit's addresses of them lead to ours.
func (p *Portal) appRoutes() []web.Route {
	person, admin := web.Person(), web.Administrator()
	return []web.Route{
		{Pattern: "GET /apps", Need: person, Handle: p.apps},
		{Pattern: "GET /wotkit/apps", Need: person, Handle: redirectTo("/apps")},
		{Pattern: "GET /wotkit/apps/{client}", Need: person, Handle: p.wotkitApp},
		{Pattern: "GET /apps/new", Need: person, Handle: p.newAppForm},
		{Pattern: "POST /apps/new", Need: person, Handle: p.newApp},
		{Pattern: "GET /apps/{client}", Need: person, Handle: p.app},
		{Pattern: "GET /apps/{client}/secret", Need: person, Handle: p.viewSecretForm(p.appHolder)},
		{Pattern: "POST /apps/{client}/secret", Need: person, Handle: p.viewSecret(p.appHolder)},
		{Pattern: "GET /apps/{client}/rotate", Need: person, Handle: p.rotateSecretForm(p.appHolder)},
		{Pattern: "POST /apps/{client}/rotate", Need: person, Handle: p.rotateSecret(p.appHolder)},
		{Pattern: "GET /apps/{client}/edit", Need: person, Handle: p.editAppForm},
		{Pattern: "POST /apps/{client}/edit", Need: person, Handle: p.editApp},
		{Pattern: "GET /apps/{client}/delete", Need: person, Handle: p.deleteAppForm},
		{Pattern: "POST /apps/{client}/delete", Need: person, Handle: p.deleteApp},

		{Pattern: "GET /admin/apps", Need: admin, Handle: p.adminApps},
		{Pattern: "POST /admin/apps/{client}/approve", Need: admin, Handle: p.approveApp},
		{Pattern: "GET /admin/apps/{client}/reject", Need: admin, Handle: p.rejectAppForm},
		{Pattern: "POST /admin/apps/{client}/reject", Need: admin, Handle: p.rejectApp},
		{Pattern: "GET /admin/apps/{client}/suspend", Need: admin, Handle: p.suspendAppForm},
		{Pattern: "POST /admin/apps/{client}/suspend", Need: admin, Handle: p.suspendApp},
		{Pattern: "POST /admin/apps/{client}/resume", Need: admin, Handle: p.resumeApp},
		{Pattern: "POST /admin/apps/{client}/official", Need: admin, Handle: p.makeAppOfficial},
		{Pattern: "POST /admin/apps/{client}/unofficial", Need: admin, Handle: p.makeAppUnofficial},
	}
}

package authorize

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// Ask says what the person is to be asked. He is Unauthenticated
// (login_required) where nobody is signed in, unless the request forbids a
// page; then, and where his answer cannot help, the error is a *Refusal.
func (s *Service) Ask(ctx context.Context, c domain.Caller, r Request) (Question, error) {
	q, err := s.question(ctx, c, r)
	if domain.CodeOf(err) == "login_required" && r.Silent() {
		return Question{}, s.refuse(r, err)
	}
	if err != nil {
		return Question{}, err
	}
	if !r.Client.Public && r.Device == nil && !r.Insists() && len(q.Missing) == 0 {
		q.answer, q.Answered = answered(q)
	}
	if r.Silent() && !q.Answered {
		return Question{}, s.refuse(r, invalid("consent_required", "The user has not yet allowed this."))
	}
	return q, nil
}

// question finds the things that the request names and what the person has
// allowed so far.
func (s *Service) question(ctx context.Context, c domain.Caller, r Request) (Question, error) {
	if err := requirePerson(c); err != nil {
		return Question{}, err
	}
	if !r.Client.WorksFor(c.User.ID) {
		return Question{}, s.refusal(r, domain.Errorf(domain.Forbidden, "access_denied",
			"The app waits for the approval of an administrator. Until then only its owner and its testers can use it."))
	}
	lines, missing, err := s.lines(ctx, c, r)
	if err != nil {
		return Question{}, s.refusal(r, err)
	}
	present, err := s.Store.LiveGrants(ctx, c.User.ID, r.Client.ID)
	if err != nil {
		return Question{}, s.refusal(r, err)
	}
	return Question{Request: r, Lines: lines, Missing: missing, Present: present}, nil
}

// requirePerson lets nobody answer but a person at a browser.
func requirePerson(c domain.Caller) error {
	switch {
	case c.Anonymous():
		return domain.Errorf(domain.Unauthenticated, "login_required", "Nobody is signed in.")
	case c.Credential != domain.SessionCredential:
		return domain.Errorf(domain.Forbidden, "person_only", "Only a person who is signed in with a browser can allow an app anything.")
	}
	return nil
}

// lines resolves what was asked for. An administrator's rights are nothing
// that somebody else could give: for him the request does not have them. A
// thing that the person cannot see is told to him and not to the client, who
// would learn without his yes what he has, and so who he is.
func (s *Service) lines(ctx context.Context, c domain.Caller, r Request) (lines []Line, missing []string, err error) {
	for _, name := range r.Asked {
		if name.Scopes.Covers(domain.ScopeAdmin) && !c.User.Admin {
			continue
		}
		stored, err := s.Finder.StoredScopes(ctx, c, name.Scopes)
		if domain.IsKind(err, domain.Invalid) {
			missing = append(missing, name.Name)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		named, err := s.Finder.NamedScopes(ctx, stored)
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, Line{Name: name.Name, Scopes: stored, Named: named})
	}
	return lines, missing, nil
}

// Asked returns all that the question is about.
func (q Question) Asked() domain.ScopeSet {
	var asked domain.ScopeSet
	for _, line := range q.Lines {
		asked = append(asked, line.Scopes...)
	}
	return domain.Union(asked)
}

// answered finds a grant whose user was asked for as much or more before. If
// he then took away all of what is asked for now, he is asked again.
func answered(q Question) (domain.Grant, bool) {
	asked := q.Asked()
	i := slices.IndexFunc(q.Present, func(g domain.Grant) bool {
		return asked.Within(g.Asked) && (len(asked) == 0 || len(asked.Intersect(g.Scopes)) > 0)
	})
	if i < 0 {
		return domain.Grant{}, false
	}
	return q.Present[i], true
}

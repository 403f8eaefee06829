package portal

import (
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func TestAnActThatConcernsTwoIsOneLine(t *testing.T) {
	t.Parallel()
	p := &Portal{Now: time.Now}
	event := domain.AuditEvent{ID: 2, At: time.UnixMilli(1000).UTC(), Actor: 1, ActorName: "alice", Subject: 2,
		Credential: "client myclient", Act: "collaborator.add", Thing: "application apitest for bob: settings", Result: "ok"}
	other, later := event, event
	other.ID, other.Subject = 1, 1
	later.ID, later.At = 3, event.At.Add(time.Second)
	got := p.auditLogOf(domain.Caller{}, domain.Listed[domain.AuditEvent]{Items: []domain.AuditEvent{later, event, other}})
	if len(got.Events) != 2 {
		t.Fatalf("got %d lines, want 2: %v", len(got.Events), got.Events)
	}
	if got := got.Events[1]; got.Act != "Collaborator added" || got.Credential != "app myclient" {
		t.Errorf("got %q with %q, want words for people", got.Act, got.Credential)
	}
}

func TestActsOnANetworkHaveWords(t *testing.T) {
	t.Parallel()
	acts := map[domain.Noun][]string{
		domain.NounApplication: {"create", "edit", "delete", "restore", "register", "unregister", "add-eui", "remove-eui"},
		domain.NounGateway:     {"create", "edit", "delete", "restore", "rotate", "view-key", "hand-over"},
		domain.NounComponent:   {"create", "delete", "restore"},
		"access_key":           {"create", "delete", "view"},
		"end_device":           {"create", "edit", "delete", "view"},
	}
	for noun, names := range acts {
		for _, name := range names {
			if act := string(noun) + "." + name; auditWords[act] == "" {
				t.Errorf("nothing says what %s was", act)
			}
		}
	}
}

func TestAnEventSaysWhetherItsReaderDidIt(t *testing.T) {
	t.Parallel()
	p := &Portal{Now: time.Now}
	reader := domain.Caller{Credential: domain.SessionCredential, User: domain.User{ID: 7, Name: "alice"}}
	events := []domain.AuditEvent{{ID: 3, Actor: 7, ActorName: "alice"}, {ID: 2, Actor: 8, ActorName: "bob"}, {ID: 1}}
	got := p.auditLogOf(reader, domain.Listed[domain.AuditEvent]{Items: events}).Events
	for i, want := range []bool{true, false, false} {
		if got[i].Mine != want {
			t.Errorf("event of %q: got mine %v, want %v", events[i].ActorName, got[i].Mine, want)
		}
	}
}

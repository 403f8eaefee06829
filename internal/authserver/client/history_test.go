package client_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/notify"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
)

// written returns kind, address and subject of every mail, oldest first.
func (w world) written(t *testing.T) []string {
	t.Helper()
	listed, err := w.store.Mails(context.Background(), domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range slices.Backward(listed.Items) {
		all = append(all, fmt.Sprintf("%s to %s", m.Kind, strings.TrimSuffix(m.Address, "@example.org")))
	}
	return all
}

func withMails(t *testing.T) (world, *notify.Renderer) {
	t.Helper()
	w := newWorld(t)
	vault, err := secret.NewSealer(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.Mails = &notify.Composer{Host: "things.example", Vault: vault}
	return w, &notify.Renderer{BaseURL: "https://things.example", Vault: vault}
}

func TestEveryStepOfARequestIsMailedAndKept(t *testing.T) {
	t.Parallel()
	w, letters := withMails(t)
	ctx := t.Context()
	storetest.Admin(t, w.store, "dana")
	w.register(t, w.alice, maps(ofTTN))
	name := "Better maps"
	for _, step := range []error{
		w.Reject(ctx, w.root, "maps", "What is it for?"),
		func() error {
			_, err := w.Edit(ctx, w.alice, "maps", client.ClientEdit{Name: &name})
			return err
		}(),
		w.Approve(ctx, w.root, "maps"),
		func() error { // nothing is asked again
			_, err := w.Edit(ctx, w.alice, "maps", client.ClientEdit{Description: &name})
			return err
		}(),
		w.Suspend(ctx, w.root, "maps", "It leaks."),
		w.Resume(ctx, w.root, "maps"),
		w.MakeOfficial(ctx, w.root, "maps"),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	want := []string{"client_requested to root", "client_requested to dana", "client_rejected to alice", "client_requested to root", "client_requested to dana",
		"client_approved to alice", "client_suspended to alice", "client_resumed to alice"}
	if got := w.written(t); !slices.Equal(got, want) {
		t.Errorf("got the mails %q, want %q", got, want)
	}
	stages, err := w.History(ctx, w.alice, "maps")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, stage := range stages {
		got = append(got, strings.TrimSpace(stage.ByName+" "+string(stage.State)+" "+stage.Reason))
	}
	if want := []string{"alice requested", "root rejected What is it for?", "alice requested", "root approved", "root suspended It leaks.", "root approved"}; !slices.Equal(got, want) {
		t.Errorf("got the history %q, want %q", got, want)
	}
	listed, _ := w.store.Mails(ctx, domain.Page{Limit: 100})
	for _, m := range listed.Items {
		whole, err := w.store.Mail(ctx, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := letters.Text(whole)
		if err != nil || !strings.Contains(text, "https://things.example/apps/maps") {
			t.Errorf("%s: got %v and no link to the app:\n%s", m.Kind, err, text)
		}
		if m.Kind == domain.MailClientRejected && !strings.Contains(text, "What is it for?") {
			t.Errorf("the mail does not say why:\n%s", text)
		}
	}
}

func TestNobodyIsMailedAboutWhatHeDoesHimself(t *testing.T) {
	t.Parallel()
	w, _ := withMails(t)
	w.register(t, w.root, maps(ofTTN))                                                       // decided at once
	w.register(t, w.alice, maps(func(in *client.NewClient) { in.ID = "plain" }))             // waits for nobody
	w.register(t, narrowed(t, w.root, "clients.*"), maps(ofTTN, func(in *client.NewClient) { // root, but not as an administrator
		in.ID = "narrow"
	}))
	if err := w.Approve(t.Context(), w.root, "narrow"); err != nil {
		t.Fatal(err)
	}
	if got := w.written(t); len(got) != 0 {
		t.Errorf("got the mails %q, want none", got)
	}
}

func TestAdministratorsAreNotFlooded(t *testing.T) {
	t.Parallel()
	w, _ := withMails(t)
	w.register(t, w.alice, maps())
	for i := range 14 {
		text := fmt.Sprintf("Maps, version %d", i)
		if _, err := w.Edit(t.Context(), w.alice, "maps", client.ClientEdit{Description: &text}); err != nil { // that asks nobody
			t.Fatal(err)
		}
	}
	for i := range 14 {
		w.register(t, w.alice, maps(ofTTN, func(in *client.NewClient) { in.ID = domain.ClientID(fmt.Sprintf("maps%d", i)) }))
	}
	if got := len(w.written(t)); got != 10 {
		t.Errorf("one person's apps had an administrator mailed %d times at once, want 10", got)
	}
}

func TestHistoryIsForOwnersAndAdministrators(t *testing.T) {
	t.Parallel()
	w, _ := withMails(t)
	w.register(t, w.alice, maps())
	bob := person(t, w.store, w.clock, storetest.User(t, w.store, "bob"))
	if _, err := w.History(t.Context(), bob, "maps"); domain.CodeOf(err) != "not_yours" {
		t.Errorf("got %v for a stranger, want not_yours", err)
	}
	if _, err := w.History(t.Context(), bob, "nothing"); domain.CodeOf(err) != "client_not_found" {
		t.Errorf("got %v for a client that there is not, want client_not_found", err)
	}
	if stages, err := w.History(t.Context(), w.root, "maps"); err != nil || len(stages) != 1 {
		t.Errorf("got %v, %v for an administrator", stages, err)
	}
}

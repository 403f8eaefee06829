package app

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func operatorOn(t *testing.T, c Config) *Operator {
	t.Helper()
	o, err := OpenOperator(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func TestAnOperatorRegistersImportsAndDecidesAboutClients(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), Defaults()
	c.Data, c.Log, c.ClientApproval = t.TempDir(), io.Discard, []string{"all"}
	o := operatorOn(t, c)
	if _, err := o.CreateUser(ctx, "alice", "alice@example.org", false, "a long enough password"); err != nil {
		t.Fatal(err)
	}
	wall := OperatorClient{User: "alice", ID: "wall", Kind: "lametric", Name: "Wall", RedirectURIs: []string{"https://wall.example/cb"}}
	made, err := o.CreateClient(ctx, wall)
	if err != nil || made.State != "approved" || made.Secret == "" || strings.Join(made.Scopes, " ") != "basic devices_read devices_write" {
		t.Fatalf("got %s %v, %v", made.State, made.Scopes, err)
	}
	old := OperatorClient{User: "alice", ID: "old*app", Kind: "wotkit", Name: "Old", RedirectURIs: []string{"https://old.example/cb"}, Secret: "summer2024"}
	if made, err := o.ImportClient(ctx, old); err != nil || made.ID != "old*app" || made.Secret != "" {
		t.Errorf("import: got %+v, %v", made, err)
	}
	if err := o.SuspendClient(ctx, "wall", "Complaints"); err != nil {
		t.Fatal(err)
	}
	if err := o.ApproveClient(ctx, "wall"); err == nil || !strings.Contains(err.Error(), "suspended") {
		t.Errorf("approve a suspended one: got %v", err)
	}
	if next, err := o.RotateClientSecret(ctx, "wall", time.Hour); err != nil || next == made.Secret {
		t.Errorf("rotate: %v", err)
	}
	if err := o.DeleteClient(ctx, "old*app"); err != nil {
		t.Error(err)
	}
	for _, user := range []string{"", "alice"} {
		list, err := o.Clients(ctx, user)
		if err != nil || len(list) != 1 || list[0].ID != "wall" || list[0].State != "suspended" || list[0].Reason != "Complaints" || list[0].Owner != "alice" {
			t.Errorf("clients of %q: got %+v, %v", user, list, err)
		}
	}
	if err := o.ResumeClient(ctx, "wall"); err != nil {
		t.Error(err)
	}
	if err := o.RejectClient(ctx, "wall", "too late"); err == nil {
		t.Error("an approved client was rejected")
	}
}

// Another server key than the one that sealed the secret of a client shows in
// the doctor's report.
func TestTheDoctorOpensClientSecrets(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), Defaults()
	c.Data, c.Log = t.TempDir(), io.Discard
	o, err := OpenOperator(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.CreateUser(ctx, "alice", "alice@example.org", true, "a long enough password"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.CreateClient(ctx, OperatorClient{User: "alice", ID: "wall", Kind: "wotkit", Name: "Wall", RedirectURIs: []string{"https://wall.example/cb"}}); err != nil {
		t.Fatal(err)
	}
	if found := o.ViewableSecrets(ctx); !found.OK || !strings.HasPrefix(found.Detail, "1 ") {
		t.Errorf("got %+v", found)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	other := Defaults()
	other.Data = t.TempDir()
	if _, err := other.loadServerKey(ctx); err != nil { // makes one
		t.Fatal(err)
	}
	c.ServerKey = other.serverKeyFile()
	again := operatorOn(t, c)
	if found := again.ViewableSecrets(ctx); found.OK || !strings.Contains(found.Detail, "wall") {
		t.Errorf("with another server key: got %+v", found)
	}
}

func TestClientApprovalIsRead(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]bool{"ttn,dynamic": true, "none": true, "all": true, "standard,wotkit,lametric,ttn,dynamic": true, "": false, "everything": false, "all,ttn": false} {
		c := Defaults()
		c.ClientApproval = strings.Split(words, ",")
		err := c.Check()
		if (err == nil) != want || err != nil && !strings.Contains(err.Error(), "--client-approval") {
			t.Errorf("%q: got %v, want accepted %v", words, err, want)
		}
	}
}

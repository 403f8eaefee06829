package portal

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Mails is what administrators do with the outbox.
type Mails interface {
	List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Mail], error)
	Read(ctx context.Context, c domain.Caller, id domain.MailID) (mail domain.Mail, text string, err error)
	SendAgain(ctx context.Context, c domain.Caller, id domain.MailID) error
	Sends() bool
}

const mailPageSize = 50

type mailsPage struct {
	layout
	Mails []shownMail
	Kept  bool // there is no server to send them to
	Pager pager
}

func (mailsPage) template() string { return "admin_mails" }

type mailPage struct {
	layout
	Mail shownMail
	Text string // empty: no longer kept
}

func (mailPage) template() string { return "admin_mail" }

// shownMail is a mail in the outbox.
type shownMail struct {
	Href, Subject, Address, Fault, MessageID string
	State                                    state
	Written, NextTry, Done                   moment // Done: sent, kept or given up
	Tries                                    int
	Again                                    bool // it can be sent again
}

// mailRoutes are the pages about the outbox, and those that mailed codes lead to.
func (p *Portal) mailRoutes() []web.Route {
	person, admin, public := web.Person(), web.Administrator(), web.Public()
	return []web.Route{
		{Pattern: "GET /confirm", Need: public, Handle: p.confirmAddressForm},
		{Pattern: "POST /confirm", Need: public, Handle: p.confirmAddress},
		{Pattern: "GET /forgot", Need: public, Handle: p.forgotForm},
		{Pattern: "POST /forgot", Need: public, Handle: p.forgot},
		{Pattern: "GET /reset", Need: public, Handle: p.resetForm},
		{Pattern: "POST /reset", Need: public, Handle: p.reset},
		{Pattern: "POST /settings/address/resend", Need: person, Handle: p.resendConfirmation},

		{Pattern: "GET /admin/mails", Need: admin, Handle: p.mails},
		{Pattern: "GET /admin/mails/{mail}", Need: admin, Handle: p.mail},
		{Pattern: "POST /admin/mails/{mail}/send-again", Need: admin, Handle: p.sendMailAgain},
	}
}

func (p *Portal) mails(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, mailPageSize)
	listed, err := p.Mails.List(r.Context(), c, page)
	if err != nil {
		return err
	}
	shown := mailsPage{layout: p.layoutFor(r, c, "admin", "Mails"), Kept: !p.Mails.Sends(), Pager: pagerOf("/admin/mails", page, listed.Next)}
	for _, mail := range listed.Items {
		shown.Mails = append(shown.Mails, p.shownMailOf(c, mail))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) shownMailOf(c domain.Caller, m domain.Mail) shownMail {
	now, zone := p.Now(), c.User.Location()
	shown := shownMail{Href: "/admin/mails/" + strconv.FormatInt(int64(m.ID), 10), Subject: m.Subject, Address: m.Address, Fault: m.Fault, MessageID: m.MessageID,
		Written: momentOf(m.CreatedAt, now, zone), Tries: m.Tries}
	switch {
	case m.Kept:
		shown.State, shown.Done, shown.Again = state{"kept here", "warn"}, momentOf(m.SentAt, now, zone), p.Mails.Sends()
	case !m.SentAt.IsZero():
		shown.State, shown.Done = state{"sent", "ok"}, momentOf(m.SentAt, now, zone)
	case !m.FailedAt.IsZero():
		shown.State, shown.Done, shown.Again = state{"given up", "bad"}, momentOf(m.FailedAt, now, zone), true
	default:
		shown.State, shown.NextTry = state{"waits", "warn"}, momentOf(m.NextTryAt, now, zone)
	}
	return shown
}

func mailID(r *http.Request) (domain.MailID, error) {
	id, err := strconv.ParseInt(r.PathValue("mail"), 10, 64)
	if err != nil {
		return 0, domain.Errorf(domain.NotFound, "mail_not_found", "There is no such mail, or it was cleared away.")
	}
	return domain.MailID(id), nil
}

func (p *Portal) mail(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	id, err := mailID(r)
	if err != nil {
		return err
	}
	found, text, err := p.Mails.Read(r.Context(), c, id)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, mailPage{layout: p.layoutFor(r, c, "admin", found.Subject), Mail: p.shownMailOf(c, found), Text: text})
}

func (p *Portal) sendMailAgain(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	id, err := mailID(r)
	if err != nil {
		return err
	}
	if err := p.Mails.SendAgain(r.Context(), c, id); err != nil {
		return err
	}
	return seeOther(w, r, "/admin/mails?"+url.Values{"notice": {"mail-again"}}.Encode())
}

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Clients returns the clients that a filter selects, with their testers,
// newest first. The cursor names the last one of the page before.
func (s *Store) Clients(ctx context.Context, f domain.ClientFilter, page domain.Page) (domain.Listed[domain.Client], error) {
	none := domain.Listed[domain.Client]{}
	page = page.Clamped()
	if !storable(f.Search) {
		return domain.Listed[domain.Client]{Items: []domain.Client{}}, nil
	}
	total, err := s.countClients(ctx, f)
	if err != nil {
		return none, err
	}
	c := clientCondition(f, s.now())
	if page.Cursor != "" {
		created, id, err := clientCursor(page.Cursor)
		if err != nil {
			return none, err
		}
		c.add("(c.created_at < ? OR c.created_at = ? AND c.id < ?)", created, created, id)
	}
	text := `SELECT ` + clientColumns + c.where() + ` ORDER BY c.created_at DESC, c.id DESC LIMIT ` + c.placeholder(page.Limit+1)
	rows, err := s.queryOnce(ctx, text, c.args...)
	clients, err := collect(rows, err, scanClient)
	if err != nil {
		return none, fmt.Errorf("list clients: %w", err)
	}
	list := domain.Listed[domain.Client]{Items: clients, Total: total}
	if len(clients) > page.Limit {
		list.Items = clients[:page.Limit]
		last := list.Items[page.Limit-1]
		list.Next = strconv.FormatInt(millis(last.CreatedAt), 10) + "." + string(last.ID)
	}
	return list, s.addTesters(ctx, list.Items)
}

func (s *Store) countClients(ctx context.Context, f domain.ClientFilter) (int, error) {
	c := clientCondition(f, s.now())
	text := `SELECT count(*) FROM (SELECT 1 FROM clients c` + c.where() + ` LIMIT ` + c.placeholder(domain.MaxCounted) + `) AS counted`
	var n int
	if err := s.queryRowOnce(ctx, text, c.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count clients: %w", err)
	}
	return n, nil
}

// clientCursor reads the creation time and the id of a client.
func clientCursor(text string) (created int64, id string, err error) {
	number, id, found := strings.Cut(text, ".")
	created, err = strconv.ParseInt(number, 10, 64)
	if err != nil || !found || !storable(id) {
		return 0, "", domain.InvalidField("cursor", "The cursor is not one of this list.")
	}
	return created, id, nil
}

// clientCondition is a whole filter, for clients c.
func clientCondition(f domain.ClientFilter, now time.Time) *condition {
	c := &condition{}
	c.add("c.deleted_at = 0")
	switch f.Which {
	case domain.ClientsAll:
	case domain.ClientsContributed:
		c.add("c.owner_id = ?", f.User)
	case domain.ClientsInstalled:
		c.add(`EXISTS (SELECT 1 FROM grants g WHERE g.client_id = c.id AND g.user_id = ? AND NOT g.of_client
			AND g.revoked_at = 0 AND (g.expires_at = 0 OR g.expires_at > ?))`, f.User, millis(now))
	default:
		c.add(`(c.state = ? OR c.owner_id = ? OR c.state = ? AND EXISTS (SELECT 1 FROM client_testers t WHERE t.client_id = c.id AND t.user_id = ?))`,
			string(domain.ClientApproved), f.User, string(domain.ClientRequested), f.User)
	}
	if f.State != "" {
		c.add("c.state = ?", string(f.State))
	}
	if f.Search != "" {
		asked := "%" + escapeLike(f.Search) + "%"
		lower := "%" + escapeLike(strings.ToLower(f.Search)) + "%"
		c.add(`(LOWER(c.name) LIKE ? ESCAPE '\' OR LOWER(c.description) LIKE ? ESCAPE '\' OR c.name LIKE ? ESCAPE '\' OR c.description LIKE ? ESCAPE '\')`,
			lower, lower, asked, asked)
	}
	return c
}

// addTesters fills in the testers of a page of clients.
func (s *Store) addTesters(ctx context.Context, clients []domain.Client) error {
	if len(clients) == 0 {
		return nil
	}
	place := make(map[domain.ClientID]int, len(clients))
	ids := make([]string, len(clients))
	for i, client := range clients {
		place[client.ID], ids[i] = i, string(client.ID)
	}
	c := &condition{}
	c.add("t.client_id IN ("+marks(len(ids))+")", anys(ids)...)
	type testing struct {
		client domain.ClientID
		tester domain.Tester
	}
	rows, err := s.queryOnce(ctx, `SELECT t.client_id, o.id, o.name FROM client_testers t JOIN owners o ON o.id = t.user_id`+c.where()+` ORDER BY o.name`, c.args...)
	list, err := collect(rows, err, func(r row) (t testing, err error) { return t, r.Scan(&t.client, &t.tester.ID, &t.tester.Name) })
	if err != nil {
		return fmt.Errorf("testers of clients: %w", err)
	}
	for _, t := range list {
		at := place[t.client]
		clients[at].Testers = append(clients[at].Testers, t.tester)
	}
	return nil
}

// ClientUsage says how many people allow a client now, and when one of what
// they allowed was last used.
func (s *Store) ClientUsage(ctx context.Context, id domain.ClientID) (domain.ClientUsage, error) {
	var usage domain.ClientUsage
	var used int64
	err := s.queryRow(ctx, `SELECT COUNT(DISTINCT CASE WHEN revoked_at = 0 AND (expires_at = 0 OR expires_at > $1) AND NOT of_client THEN user_id END),
		COALESCE(MAX(used_at), 0) FROM grants WHERE client_id = $2`, millis(s.now()), string(id)).Scan(&usage.People, &used)
	if err != nil {
		return domain.ClientUsage{}, fmt.Errorf("usage of a client: %w", err)
	}
	usage.LastUse = fromMillis(used)
	return usage, nil
}

// CountClientsOf counts the clients of a user: all of them, and those that only
// he and his testers can use. Both are counted up to domain.MaxCounted.
func (s *Store) CountClientsOf(ctx context.Context, owner domain.UserID) (all, private int, err error) {
	const counted = `SELECT count(*) FROM (SELECT 1 FROM clients WHERE owner_id = $2 AND deleted_at = 0`
	if all, err = s.counted(ctx, counted+` LIMIT $1) AS counted`, owner); err != nil {
		return 0, 0, err
	}
	private, err = s.counted(ctx, counted+` AND state <> 'approved' LIMIT $1) AS counted`, owner)
	return all, private, err
}

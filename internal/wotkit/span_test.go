package wotkit

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

var testNow = time.UnixMilli(1_000_000).UTC()

func paramsOf(query string) params {
	q := params{}
	for _, p := range parsePairs(query) {
		if _, there := q[p.name]; !there && p.value != "" {
			q[p.name] = p.value
		}
	}
	return q
}

// between is the range (from, to].
func between(from, to domain.Millis) domain.Range {
	return domain.Range{From: from.AfterAll(), To: to.AfterAll()}
}

func since(from domain.Millis) domain.Range {
	return domain.Range{From: from.AfterAll(), To: domain.LastPosition}
}

func until(to domain.Millis) domain.Range {
	return domain.Range{From: domain.FirstPosition, To: to.AfterAll()}
}

func TestRangeParametersOfV1(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]span{
		"":                                    {in: domain.Everything(), newest: 1000},
		"reverse=true":                        {in: domain.Everything(), newest: 1000, descending: true},
		"reverse=1":                           {in: domain.Everything(), newest: 1000, descending: true},
		"unknown=5":                           {in: domain.Everything(), newest: 1000},
		"start=":                              {in: domain.Everything(), newest: 1000},
		"start=5000":                          {in: since(5000)},
		"start=5000&end=6000":                 {in: between(5000, 6000)},
		"start=6000&end=5000":                 {in: between(6000, 5000)},
		"start=5000.7&end=6000.2":             {in: between(5000, 6000)},
		"start=5e3&end=6e3":                   {in: between(5000, 6000)},
		"start=5000&before=1000":              {in: between(4000, 5000)},
		"before=1000":                         {in: since(999_000)},
		"start=5000&before=0.5":               {in: between(4999, 5000)},
		"start=5000&after=1000":               {in: between(5000, 6000)},
		"start=5000.5&after=0.5":              {in: between(5000, 5001)},
		"beforeE=3":                           {in: domain.Everything(), newest: 3},
		"start=5000&beforeE=3":                {in: until(5000), newest: 3},
		"beforeE=3.9":                         {in: domain.Everything(), newest: 3},
		"beforeE=0":                           {in: domain.Everything(), nothing: true},
		"start=5000&afterE=2":                 {in: since(5000), first: 2},
		"start=5000&afterE=0":                 {in: since(5000), nothing: true},
		"start=5000&afterE=2&reverse=true":    {in: since(5000), first: 2, descending: true},
		"end=2000000":                         {in: between(1_000_000, 2_000_000)},
		"start=1970-01-01T00:00:05Z&end=6000": {in: between(5000, 6000)},
		"start=1970-01-01T0:00:05.000z":       {in: since(5000)},
		"start=1970-01-01T01:00:05%2B01:00":   {in: since(5000)},
		"start=5000&end=7000&after=1000":      {in: between(5000, 6000)},
		"start=5000&after=1&before=1000":      {in: between(4000, 5000)},
		"start=5000&before=1&beforeE=2":       {in: until(5000), newest: 2},
		"start=5000&beforeE=2&afterE=1":       {in: since(5000), first: 1},
		"start=5000&after=1e300":              {in: between(5000, domain.MaxMillis)},
		"start=5000&before=1e300":             {in: between(domain.MinMillis-1, 5000)},
		"beforeE=1e300":                       {in: domain.Everything(), newest: math.MaxInt32},
	} {
		got, err := parseSpan(paramsOf(query), testNow)
		if err != nil || got != want {
			t.Errorf("%q: got %+v %v, want %+v", query, got, err, want)
		}
	}
}

func TestBadRangeParametersOfV1(t *testing.T) {
	t.Parallel()
	for query, field := range map[string]string{
		"after=5": "start", "afterE=5": "start", "afterE=5&end=7": "start", "start=now": "start", "start=1&end=later": "end",
		"start=1&before=x": "before", "start=1&after=-1": "after", "beforeE=-1": "beforeE", "beforeE=NaN": "beforeE",
		"start=1&afterE=0x10": "afterE", "reverse=maybe": "reverse", "start=1e300": "start", "before=inf": "before",
	} {
		_, err := parseSpan(paramsOf(query), testNow)
		if !domain.IsKind(err, domain.Invalid) || domainError(err).Fields[field] == "" {
			t.Errorf("%q: got %v, want a fault of %s", query, err, field)
		}
	}
}

func TestAggregateTakesStartAndEndInEitherOrder(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]domain.Range{
		"start=5000&end=6000":          between(5000, 6000),
		"start=6000&end=5000":          between(5000, 6000),
		"end=5000":                     between(5000, 1_000_000),
		"start=6000&end=5000&after=10": between(6000, 6010),
	} {
		got, err := parseAggregateSpan(paramsOf(query), testNow)
		if err != nil || got.in != want {
			t.Errorf("%q: got %+v %v, want %+v", query, got.in, err, want)
		}
	}
}

func TestQueryGroupsOfV2(t *testing.T) {
	t.Parallel()
	at := func(id domain.ReadingID) (domain.Millis, error) {
		if id == 7 {
			return 5000, nil
		}
		return 0, domain.Errorf(domain.NotFound, "reading_not_found", "There is no such record.")
	}
	for query, want := range map[string]span{
		"":                                     {in: domain.Everything(), newest: 1000},
		"limit=10":                             {in: domain.Everything(), newest: 10},
		"limit=5000":                           {in: domain.Everything(), newest: 1000},
		"recent_n=20":                          {in: domain.Everything(), newest: 20},
		"recent_n=20&limit=5":                  {in: domain.Everything(), newest: 5},
		"recent_n=0":                           {in: domain.Everything(), nothing: true},
		"limit=0":                              {in: domain.Everything(), nothing: true},
		"recent_t=10000":                       {in: since(990_000), newest: 1000},
		"recent_t=10000&limit=3":               {in: since(990_000), newest: 3},
		"start=5000&end=6000":                  {in: between(5000, 6000)},
		"start=5000&start_id=3":                {in: domain.Range{From: domain.Position{At: 5000, ID: 3}, To: domain.LastPosition}},
		"start=5000&start_id=0":                {in: domain.Range{From: domain.Millis(5000).BeforeAll(), To: domain.LastPosition}},
		"start_id=0":                           {in: domain.Everything()},
		"start_id=7":                           {in: domain.Range{From: domain.Position{At: 5000, ID: 7}, To: domain.LastPosition}},
		"end=6000&end_id=9":                    {in: domain.Range{From: domain.FirstPosition, To: domain.Position{At: 6000, ID: 9}}},
		"start=1&end_id=7":                     {in: domain.Range{From: domain.Millis(1).AfterAll(), To: domain.Position{At: 5000, ID: 7}}},
		"start=1970-01-01T00:00:05Z&offset=10": {in: since(5000)},
		"offset=10":                            {in: domain.Everything()},
		"access_token=ignored&something=else&end=": {in: domain.Everything(), newest: 1000},
	} {
		got, err := parseSpanV2(paramsOf(query), testNow, at)
		if want.nothing {
			got.newest = 0
		}
		if err != nil || got.span != want {
			t.Errorf("%q: got %+v %v, want %+v", query, got.span, err, want)
		}
	}
	for _, query := range []string{
		"recent_t=5&recent_n=5", "recent_t=5&start=5", "recent_n=5&end_id=5", "recent_n=5&offset=1", "start=x", "start_id=x", "start_id=-1",
		"start_id=8", "recent_t=-1", "recent_n=x", "limit=x", "start=1&start_id=1.5",
	} {
		if _, err := parseSpanV2(paramsOf(query), testNow, at); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("%q: got %v, want a refusal", query, err)
		}
	}
}

func FuzzRangeParameters(f *testing.F) {
	for _, seed := range []string{"start=5000&before=1000", "afterE=1&start=2015-02-20T0:55:04.000z", "beforeE=1e9&reverse=1", "start=-1e15&after=1e300"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		got, err := parseSpan(paramsOf(query), testNow)
		if err != nil {
			if domain.KindOf(err) != domain.Invalid {
				t.Fatalf("%q: got %v, want Invalid", query, err)
			}
			return
		}
		low, high := domain.MinMillis-1, domain.MaxMillis
		if from := got.in.From; from != domain.FirstPosition && (from.At < low || from.At > high) {
			t.Fatalf("%q: from %v", query, from)
		}
		if to := got.in.To; to != domain.LastPosition && (to.At < low || to.At > high) {
			t.Fatalf("%q: to %v", query, to)
		}
		if got.first < 0 || got.newest < 0 {
			t.Fatalf("%q: counts %d, %d", query, got.first, got.newest)
		}
		if _, err := parseAggregateSpan(paramsOf(query), testNow); err != nil {
			t.Fatalf("%q: aggregate %v", query, err)
		}
		_, _ = parseSpanV2(paramsOf(query), testNow, func(domain.ReadingID) (domain.Millis, error) { return 0, nil })
	})
}

func TestBooleansOfQueries(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"true": true, "TRUE": true, "1": true, "false": false, "0": false, "": false} {
		if got, err := (params{"x": text}).truth("x"); err != nil || got != want {
			t.Errorf("%q: got %t %v, want %t", text, got, err, want)
		}
	}
	if _, err := (params{"x": "yes"}).truth("x"); err == nil || !strings.Contains(err.Error(), "x") {
		t.Errorf("got %v, want a refusal that names x", err)
	}
}

func TestPagesAreClamped(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][2]int{"": {1000, 0}, "limit=5": {5, 0}, "limit=99999&offset=7": {1000, 7}, "limit=0": {0, 0}, "offset=1e300": {1000, math.MaxInt32}} {
		limit, offset, err := paramsOf(query).page()
		if got := [2]int{limit, offset}; err != nil || got != want {
			t.Errorf("%q: got %v %v, want %v", query, got, err, want)
		}
	}
}

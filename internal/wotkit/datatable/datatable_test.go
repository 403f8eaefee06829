package datatable

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

var columns = []Column{
	{"sensor_id", "Sensor Id", NumberColumn},
	{"sensor_name", "Sensor Name", StringColumn},
	{"timestamp", "Timestamp", DatetimeColumn},
	{"value", "Data", NumberColumn},
	{"message", "<Message>", StringColumn},
	{"odd name", "Odd & name", NumberColumn},
}

func number(n float64) Cell { return Cell{Kind: NumberCell, Number: n} }
func text(t string) Cell    { return Cell{Kind: TextCell, Text: t} }

var noon = time.Date(2014, 4, 28, 12, 20, 13, 281e6, time.UTC)

func at(minutes int) Cell {
	return Cell{Kind: TimeCell, Number: float64(noon.Add(time.Duration(minutes) * time.Minute).UnixMilli())}
}

func rows() Rows {
	name := text("alice.greenhouse")
	return slices2([]Row{
		{number(1), name, at(0), number(66), text("hello"), number(-0.5)},
		{number(1), name, at(1), Cell{}, text("=HYPERLINK(\"x\")"), Cell{}},
		{number(1), name, at(2), number(1e21), text("</script><b>\u2028\"quoted\", comma"), number(3)},
		{number(1), name, at(3), number(-7.25), Cell{}, number(4)},
	})
}

func slices2(list []Row) Rows {
	return func(yield func(Row, error) bool) {
		shared := Row{}
		for _, row := range list {
			shared = append(shared[:0], row...)
			if !yield(shared, nil) {
				return
			}
		}
	}
}

// minutes runs the query and returns which rows came, by their minute.
func minutes(t *testing.T, query string) []int {
	t.Helper()
	q, fault := ParseQuery(query, columns, time.UTC)
	if fault != nil {
		t.Fatalf("%s: %s", query, fault)
	}
	got := []int{}
	q.picks = []int{2}
	for row, err := range q.Run(rows()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, int(row[0].Number-at(0).Number)/60000)
	}
	return got
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]int{
		"":                             {0, 1, 2, 3},
		"select *":                     {0, 1, 2, 3},
		"select * where value > 60":    {0, 2},
		"SELECT * WHERE value >= 66.0": {0, 2},
		"where value < 0":              {3},
		"where value = -7.25":          {3},
		"where 66 = value":             {0},
		"where value != 66":            {2, 3},
		"where value <> 66":            {2, 3},
		"where value is null":          {1},
		"where value is not null":      {0, 2, 3},
		"where not value > 60":         {1, 3},
		"where value > 60 or value is null and message contains 'HYPER'":     {0, 1, 2},
		"where (value > 60 or value is null) and message contains \"HYPER\"": {1},
		"where message starts with 'he'":                                     {0},
		"where message ends with 'lo'":                                       {0},
		"where message like 'h_l%'":                                          {0},
		"where message like '%'":                                             {0, 1, 2},
		"where message like 'h_'":                                            {},
		"where message = 'hello'":                                            {0},
		"where message = 5":                                                  {},
		"where value = '66'":                                                 {},
		"where value = true":                                                 {},
		"where true = true":                                                  {0, 1, 2, 3},
		"where `odd name` > 2":                                               {2, 3},
		"where value < `odd name`":                                           {3},
		"where timestamp > datetime '2014-04-28 12:21:13.281'":               {2, 3},
		"where timestamp >= datetime '2014-04-28 12:22:14'":                  {3},
		"where timestamp >= date '2014-04-29'":                               {},
		"where timestamp > 1398687673281":                                    {2, 3},
		"order by value":                                                     {1, 3, 0, 2},
		"order by value desc":                                                {2, 0, 3, 1},
		"order by sensor_id asc, timestamp desc":                             {3, 2, 1, 0},
		"limit 2":                                                            {0, 1},
		"limit 2 offset 1":                                                   {1, 2},
		"offset 3":                                                           {3},
		"limit 0":                                                            {},
		"select * where value is not null order by value limit 1":            {3},
		"select timestamp, value where message = 'hello' label value 'Output'": {0},
	} {
		if got := minutes(t, query); !slices.Equal(got, want) {
			t.Errorf("%q: got rows %v, want %v", query, got, want)
		}
	}
}

func TestQueryFaults(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"select nothing":                         InvalidQuery,
		"select Value":                           InvalidQuery, // ids are case-sensitive
		"select value, value":                    InvalidQuery,
		"select":                                 InvalidQuery,
		"where":                                  InvalidQuery,
		"where value >":                          InvalidQuery,
		"where value > 5 5":                      InvalidQuery,
		"where (value > 5":                       InvalidQuery,
		"where message = 'open":                  InvalidQuery,
		"where value > 5; drop table x":          InvalidQuery,
		"where value is":                         InvalidQuery,
		"limit -1":                               InvalidQuery,
		"limit 1.5":                              InvalidQuery,
		"limit 1 limit 2":                        InvalidQuery,
		"label value 5":                          InvalidQuery,
		"select timestamp label value 'x'":       InvalidQuery,
		"where timestamp > datetime 'now'":       InvalidQuery,
		"order value":                            InvalidQuery,
		"hello":                                  InvalidQuery,
		"where value > 1e999":                    InvalidQuery,
		"where \xff":                             InvalidQuery,
		"select avg(value) group by x":           NotSupported,
		"select value group by value":            NotSupported,
		"pivot value":                            NotSupported,
		"format value '#'":                       NotSupported,
		"options no_format":                      NotSupported,
		"select value + 1":                       NotSupported,
		"where value * 2 > 5":                    NotSupported,
		"where message matches 'x.*'":            NotSupported,
		"where timestamp > timeofday '12:00:00'": NotSupported,
		"where " + strings.Repeat("(", 100) + "value > 5":        InvalidQuery,
		"where " + strings.Repeat("not ", 100) + "value > 5":     InvalidQuery,
		"where value > 5 " + strings.Repeat("or value > 5", 400): InvalidQuery,
	} {
		if _, fault := ParseQuery(query, columns, time.UTC); fault == nil || fault.Reason != want {
			t.Errorf("%.60q: got %v, want %s", query, fault, want)
		}
	}
}

func TestDatesInQueriesAreInTheZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	q, fault := ParseQuery("where timestamp < datetime '2014-04-28 13:20:13.282'", columns, zone)
	if fault != nil {
		t.Fatal(fault)
	}
	n := 0
	for range q.Run(rows()) {
		n++
	}
	if n != 1 {
		t.Errorf("got %d rows, want the one before 13:20:13.282 local time", n)
	}
}

func TestSortingIsBounded(t *testing.T) {
	t.Parallel()
	q, _ := ParseQuery("order by value", columns, time.UTC)
	endless := func(yield func(Row, error) bool) {
		row := make(Row, len(columns))
		for yield(row, nil) {
		}
	}
	var fault *Fault
	for _, err := range q.Run(endless) {
		errors.As(err, &fault)
	}
	if fault == nil {
		t.Error("an endless source was sorted")
	}
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	req, fault := ParseRequest("reqId:1;out:html;sig:5;outfile:a/b\".csv;version:0.6;unknown:x;responseHandler:my.$handler_1")
	want := Request{ID: "1", Out: HTML, Handler: "my.$handler_1", Sig: "5", FileName: "a_b_.csv"}
	if fault != nil || req != want {
		t.Errorf("got %+v %v, want %+v", req, fault, want)
	}
	for _, tqx := range []string{"out:pdf", "responseHandler:alert(1)//", "responseHandler:a..b", "responseHandler:1a", strings.Repeat("x", 3000)} {
		req, fault := ParseRequest("reqId:7;" + tqx)
		if fault == nil || fault.Reason != InvalidRequest || req.Handler != defaultHandler {
			t.Errorf("%.40q: got %v %v, want invalid_request with the default handler", tqx, req, fault)
		}
	}
}

// outputs are the golden requests.
var outputs = map[string]struct{ tqx, tq string }{
	"script.js":        {"reqId:1", ""},
	"handler.js":       {"reqId:</script>;responseHandler:my.handler", "select timestamp, message limit 2 label message 'It''s'"},
	"selection.js":     {"reqId:2", "select value where value > 60 order by value desc label value 'Output'"},
	"invalid_query.js": {"reqId:3", "select * where <script>"},
	"table.csv":        {"out:csv", ""},
	"fault.csv":        {"out:csv", "group by x"},
	"table.html":       {"out:html", ""},
	"fault.html":       {"out:html", "where '<b>'"},
	"table.tsv":        {"out:tsv-excel", ""},
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	for name, asked := range outputs {
		got := answer(t, asked.tqx, strings.ReplaceAll(asked.tq, "''", "’"))
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
	}
}

func answer(t *testing.T, tqx, tq string) []byte {
	t.Helper()
	var out bytes.Buffer
	req, fault := ParseRequest(tqx)
	if fault != nil {
		t.Fatal(fault)
	}
	q, fault := ParseQuery(tq, columns, time.UTC)
	if fault != nil {
		if err := req.WriteFault(&out, fault); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	table := Table{Columns: q.Columns(), Rows: q.Run(rows()), Zone: time.UTC}
	if err := req.Write(&out, table, func() Cell { return at(3) }); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheSignatureIsThatOfTheScript(t *testing.T) {
	t.Parallel()
	q, _ := ParseQuery("", columns, time.UTC)
	sig, err := Signature(Table{q.Columns(), q.Run(rows()), time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(answer(t, "", "")); !strings.Contains(got, `"sig":"`+sig+`"`) {
		t.Errorf("the script has not the signature %s: %s", sig, got)
	}
}

func TestNothingInAnOutputIsMarkup(t *testing.T) {
	t.Parallel()
	evil := "</script></td><script>alert(1)</script>"
	for _, out := range []Output{JSON, HTML} {
		req := Request{ID: evil, Out: out, Handler: defaultHandler}
		var got bytes.Buffer
		table := Table{Columns: []Column{{evil, evil, StringColumn}}, Rows: slices2([]Row{{text(evil)}}), Zone: time.UTC}
		_ = req.Write(&got, table, func() Cell { return Cell{} })
		_ = req.WriteFault(&got, invalidQuery("%s", evil))
		if strings.Contains(strings.ToLower(got.String()), "<script") || strings.Contains(got.String(), "</script") {
			t.Errorf("%s: got %s", out, got.String())
		}
	}
}

func TestFormulasAreDefused(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+x": "'+x", "-x": "'-x", "@x": "'@x", "\tx": "'\tx", "-5": "-5", "+5.5e3": "+5.5e3", "a=b": "a=b", "": "",
	} {
		if got := unformula(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"select * where value > 5", "where (message like '%a_' or not value is null) order by `odd name` desc limit 3 offset 1",
		"label value 'x'", "where timestamp > datetime '2014-01-01 00:00:00'", "group by x", "where value = -", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, fault := ParseQuery(query, columns, time.UTC)
		if fault != nil {
			return
		}
		for row, err := range q.Run(rows()) {
			if err != nil || len(row) != len(q.Columns()) {
				t.Fatalf("%q: got row %v %v for %v", query, row, err, q.Columns())
			}
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	f.Add("reqId:1;out:html;responseHandler:a.b")
	f.Add("outFileName:../../x;out:csv")
	f.Fuzz(func(t *testing.T, tqx string) {
		req, _ := ParseRequest(tqx)
		if !isDottedIdentifier(req.Handler) {
			t.Fatalf("%q: handler %q", tqx, req.Handler)
		}
		if strings.ContainsAny(req.Disposition(), "\r\n\\/") || strings.Count(req.Disposition(), `"`) > 2 {
			t.Fatalf("%q: disposition %q", tqx, req.Disposition())
		}
		var out bytes.Buffer
		_ = req.WriteFault(&out, invalidQuery("%s", tqx))
		if req.Out != TSVExcel && !utf8.Valid(out.Bytes()) {
			t.Fatalf("%q: not UTF-8", tqx)
		}
	})
}

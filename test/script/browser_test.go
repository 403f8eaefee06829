package script

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// browser is the program that BROWSER names in stories: it opens an address
// and does what the person WHO does there, whose password is that of every
// user of a story. He signs in where he is asked to, and answers consent forms
// with DECISION (allow, unless deny is said) after he has unticked UNTICK.
func browser() {
	if err := browse(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}

// userPassword is the password of every user whom stories make.
const userPassword = "correct horse battery"

func browse(address string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	answer, err := client.Get(address)
	for range 10 {
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			return err
		}
		page := string(body)
		action, form := fillIn(page)
		if form == nil {
			fmt.Println(answer.Status, page)
			return nil
		}
		target, err := answer.Request.URL.Parse(action)
		if err != nil {
			return err
		}
		if answer, err = client.PostForm(target.String(), form); err != nil {
			return err
		}
	}
	return fmt.Errorf("the pages go round in circles")
}

// fillIn answers the form of a page that a person would answer; nil where
// there is none.
func fillIn(page string) (action string, form url.Values) {
	switch {
	case strings.Contains(page, `action="/login"`):
		form = inputs(between(page, `action="/login"`, "</form>"))
		form.Set("name", os.Getenv("WHO"))
		form.Set("password", userPassword)
		return "/login", form
	case strings.Contains(page, `action="/device"`):
		_, rest, _ := strings.Cut(page, `id="user_code"`)
		code := valueOfTag.FindStringSubmatch(rest)
		if code == nil || strings.Contains(page, "No device waits") {
			return "", nil
		}
		return "/device", url.Values{"user_code": {html.UnescapeString(code[1])}}
	case strings.Contains(page, `action="/oauth/consent"`):
		form = inputs(between(page, `action="/oauth/consent"`, "</form>"))
		form.Set("decision", "allow")
		if decision := os.Getenv("DECISION"); decision != "" {
			form.Set("decision", decision)
		}
		return "/oauth/consent", form
	}
	return "", nil
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

var (
	inputTag   = regexp.MustCompile(`<input[^>]*>`)
	nameOfTag  = regexp.MustCompile(`\bname="([^"]*)"`)
	valueOfTag = regexp.MustCompile(`\bvalue="([^"]*)"`)
)

// elsewhere is a browser on another device: it waits until the file that its
// argument names shows a code, and enters it at the server of the story, as
// browser does.
func elsewhere() {
	deadline := time.After(time.Minute)
	for {
		text, _ := os.ReadFile(os.Args[1])
		if code := shownCode.Find(text); code != nil {
			os.Args[1] = os.Getenv("THINGWARD_SERVER") + "/device?user_code=" + strings.ToLower(string(code))
			browser()
			return
		}
		select {
		case <-deadline:
			fmt.Fprintln(os.Stderr, "elsewhere: no code came")
			os.Exit(1)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

var shownCode = regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`)

// inputs reads what a form posts as it is: hidden fields and ticked boxes.
func inputs(form string) url.Values {
	values := url.Values{}
	for _, tag := range inputTag.FindAllString(form, -1) {
		hidden, ticked := strings.Contains(tag, `type="hidden"`), strings.Contains(tag, " checked")
		name, value := nameOfTag.FindStringSubmatch(tag), valueOfTag.FindStringSubmatch(tag)
		if name == nil || value == nil || !hidden && !ticked || value[1] == os.Getenv("UNTICK") {
			continue
		}
		values.Add(name[1], html.UnescapeString(value[1]))
	}
	return values
}

// loginFile is where the command line keeps its only login.
func loginFile(ts *testscript.TestScript) string {
	files, err := filepath.Glob(filepath.Join(ts.Getenv("HOME"), ".config", "thingward", "logins", "*.json"))
	if err != nil || len(files) != 1 {
		ts.Fatalf("got the logins %v, want one", files)
	}
	return files[0]
}

// age makes the access token of the login look as if it had ended: age [FILE],
// where FILE is put in the place of the login first.
func age(ts *testscript.TestScript, _ bool, args []string) {
	file := loginFile(ts)
	from := file
	if len(args) > 0 {
		from = ts.MkAbs(args[0])
	}
	var held map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(from)), &held))
	held["expires_at"] = "2026-01-01T00:00:00Z"
	text, err := json.Marshal(held)
	ts.Check(err)
	ts.Check(os.WriteFile(file, text, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("aged"), text, 0o600))
}

// token writes a token to the file token: one of the login that the command
// line keeps ("login access_token", "login refresh_token"), or what a client
// gets by its own credentials ("credentials FILE", the JSON that registered it).
func token(ts *testscript.TestScript, _ bool, args []string) {
	var found string
	switch args[0] {
	case "login":
		found = textsIn(ts, ts.ReadFile(loginFile(ts)))[args[1]]
	case "credentials":
		made := textsIn(ts, ts.ReadFile(args[1]))
		answer, err := http.PostForm(ts.Getenv("THINGWARD_SERVER")+"/oauth/token", url.Values{"grant_type": {"client_credentials"},
			"client_id": {made["client_id"]}, "client_secret": {made["client_secret"]}})
		ts.Check(err)
		body, err := io.ReadAll(answer.Body)
		ts.Check(err)
		found = textsIn(ts, string(body))["access_token"]
	}
	if found == "" {
		ts.Fatalf("there is no token")
	}
	ts.Check(os.WriteFile(ts.MkAbs("token"), []byte(found+"\n"), 0o600))
}

// signingKey writes the key with which tokens of The Things Network are
// verified to the file key.
func signingKey(ts *testscript.TestScript, _ bool, _ []string) {
	answer, err := http.Get(ts.Getenv("THINGWARD_SERVER") + "/ttn/key")
	ts.Check(err)
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("key"), []byte(textsIn(ts, string(body))["key"]), 0o600))
}

func textsIn(ts *testscript.TestScript, text string) map[string]string {
	var values map[string]any
	ts.Check(json.Unmarshal([]byte(text), &values))
	texts := map[string]string{}
	for name, value := range values {
		texts[name], _ = value.(string)
	}
	return texts
}

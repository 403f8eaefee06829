// Package browser_test walks through the portal with a headless Chromium: the
// ways that people take, in light and dark, on a phone, by keyboard alone and
// without JavaScript. axe looks at every page, and any message in the console
// of the browser fails the test.
package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// skipOrFail skips at home, where a tool may be missing, and fails in CI.
func skipOrFail(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip("SKIPPED: " + reason)
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	skipOrFail(t, "the browser tests need chromium (Debian: apt-get install chromium)")
	return ""
}

var axeSource = sync.OnceValues(func() (string, error) {
	path := os.Getenv("THINGWARD_TEST_AXE")
	if path == "" {
		path = filepath.Join("node_modules", "axe-core", "axe.min.js")
	}
	source, err := os.ReadFile(path)
	return string(source), err
})

// tab is one tab of a browser of its own, on one server.
type tab struct {
	t       *testing.T
	ctx     context.Context
	server  string
	mu      sync.Mutex
	console []string // what the browser complained about
}

// flags keep Chromium to itself: it shall talk to the server under test only.
var flags = []chromedp.ExecAllocatorOption{
	chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
	chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
	chromedp.WindowSize(1200, 900),
}

func open(t *testing.T, server string) *tab {
	t.Helper()
	options := append([]chromedp.ExecAllocatorOption{chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir())}, flags...)
	b := &tab{t: t, server: server}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopTab := chromedp.NewContext(allocator, chromedp.WithListener(b.listen))
	ctx, stopTime := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(func() { stopTime(); stopTab(); stopAllocator() })
	b.ctx = ctx
	b.do(command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}))
	return b
}

// command makes an action of a command of the protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// listen collects messages of the console: refused by the content policy,
// thrown by a script, or written by one. That a form was refused with 4xx is
// no fault of the page.
func (b *tab) listen(event any) {
	var message string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		expected := strings.Contains(e.Entry.Text, "responded with a status of 4")
		if e.Entry.Level == log.EntryLevelVerbose || e.Entry.Level == log.EntryLevelInfo || expected {
			return
		}
		message = fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		message = "exception: " + e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		message = fmt.Sprintf("console.%s", e.Type)
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.console = append(b.console, message)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// ask returns what an action finds.
func ask[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	answer, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return answer
}

// clean fails the test if the console holds anything.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, message := range b.console {
		b.t.Errorf("console: %s", message)
	}
	b.console = nil
}

// visit opens a path of the server and returns the status.
func (b *tab) visit(path string) int64 {
	b.t.Helper()
	response, err := chromedp.RunResponse(b.ctx, chromedp.Navigate(b.server+path))
	if err != nil {
		b.t.Fatalf("visit %s: %v", path, err)
	}
	return response.Status
}

// press clicks on something that leads to another page.
func (b *tab) press(selector string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("press %s on %s: %v", selector, b.path(), err)
	}
}

// pressButton clicks on the button or link with the text.
func (b *tab) pressButton(text string) {
	b.t.Helper()
	xpath := fmt.Sprintf(`//main//*[(self::a or self::button) and normalize-space()=%q]`, text)
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(xpath)); err != nil {
		b.t.Fatalf("press %q on %s: %v", text, b.path(), err)
	}
}

func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).value = ""`, selector)),
		chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (b *tab) path() string {
	b.t.Helper()
	return strings.TrimPrefix(ask(b, chromedp.Location()), b.server)
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(ask(b, chromedp.Text(chromedp.CSS(selector))))
}

// sees fails the test unless the page holds the text.
func (b *tab) sees(want string) {
	b.t.Helper()
	if got := b.text("main"); !strings.Contains(got, want) {
		b.t.Errorf("page %s: got %q, want it to hold %q", b.path(), got, want)
	}
}

// tabTo presses the tab key until the element has the focus, as somebody
// without a mouse does, and fails the test if it never gets it or if the
// focus cannot be seen.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	const most = 60
	for range most {
		b.do(chromedp.KeyEvent(kb.Tab))
		if !ask(b, chromedp.Evaluate[bool](fmt.Sprintf(`document.activeElement.matches(%q)`, selector))) {
			continue
		}
		if ask(b, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`)) == "none" {
			b.t.Errorf("the focus on %s cannot be seen", selector)
		}
		return
	}
	b.t.Fatalf("page %s: the tab key never reaches %s", b.path(), selector)
}

// key presses a key that leads to another page.
func (b *tab) key(key string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(key)); err != nil {
		b.t.Fatalf("key on %s: %v", b.path(), err)
	}
}

// look is a way to look at pages.
type look struct {
	name          string
	dark          bool
	width, height int64
	inspected     bool // else only pictures are taken
}

// looks cover both colour schemes and both widths with two inspections.
var looks = []look{
	{"light", false, 1200, 900, true},
	{"phone-dark", true, 390, 844, true},
	{"dark", true, 1200, 900, false},
	{"phone", false, 390, 844, false},
}

func (b *tab) setLook(l look) {
	b.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	b.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}),
		command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: l.width, Height: l.height, DeviceScaleFactor: 1, Mobile: l.width < 600}))
}

// inspect lets axe look at the page, looks for anything wider than the
// screen, and keeps a picture where THINGWARD_TEST_SHOTS names a folder.
func (b *tab) inspect(name string) {
	b.t.Helper()
	for _, l := range looks {
		if !l.inspected && os.Getenv("THINGWARD_TEST_SHOTS") == "" {
			continue
		}
		b.setLook(l)
		b.picture(name + "-" + l.name)
		b.axe(name + " " + l.name)
		over := ask(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`))
		if over > 0 {
			b.t.Errorf("%s %s: the page is %d pixels wider than the screen", name, l.name, over)
		}
	}
	b.setLook(looks[0])
	b.clean()
}

type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (b *tab) axe(name string) {
	b.t.Helper()
	source, err := axeSource()
	if err != nil {
		skipOrFail(b.t, "axe-core is missing (npm ci --prefix test/browser): "+err.Error())
	}
	b.do(chromedp.Evaluate[chromedp.Void](source + ";0"))
	result := ask(b, chromedp.Evaluate[string](`axe.run(document).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	var violations []violation
	if err := json.Unmarshal([]byte(result), &violations); err != nil {
		b.t.Fatalf("axe on %s: %v", name, err)
	}
	for _, v := range violations {
		for _, node := range v.Nodes {
			b.t.Errorf("axe on %s: %s (%s)\n%s\n%s", name, v.ID, v.Help, node.HTML, node.Summary)
		}
	}
}

func (b *tab) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("THINGWARD_TEST_SHOTS")
	if folder == "" {
		return
	}
	png := ask(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// withoutScripts turns JavaScript off.
func (b *tab) withoutScripts() {
	b.t.Helper()
	b.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
}

package lametric_test

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	_ "image/png" // what pictures are encoded as
	"net/http"
	"strings"
	"testing"
)

type iconList struct {
	Meta struct {
		Total     int `json:"total_icon_count"`
		Page      int
		PageSize  int `json:"page_size"`
		PageCount int `json:"page_count"`
	}
	Data []struct {
		ID    int
		Title string
		Code  string
		Type  string
		URL   string
		Thumb map[string]string
	}
}

func (w *world) icons(query string) iconList {
	w.t.Helper()
	var list iconList
	w.nobody().get("api/v2/icons" + query).want(http.StatusOK).decode(&list)
	return list
}

func TestIconsArePagedAndNothingIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	total := w.icons("").Meta.Total
	if total < 24 {
		t.Fatalf("got %d icons, want at least 24", total)
	}
	pages := (total + 9) / 10
	for query, want := range map[string]string{
		"":                                   fmt.Sprintf("%d 0 %d 1 %d", total, total, total),
		"?page=0&page_size=5000":             fmt.Sprintf("%d 0 %d 1 %d", total, total, total),
		"?page_size=10":                      fmt.Sprintf("%d 0 10 %d 10", total, pages),
		fmt.Sprint("?page_size=10&page=", 1): fmt.Sprintf("%d 1 10 %d 10", total, pages),
		fmt.Sprintf("?page_size=10&page=%d", pages-1):     fmt.Sprintf("%d %d 10 %d %d", total, pages-1, pages, total-(pages-1)*10),
		"?page_size=10&page=99999999999":                  fmt.Sprintf("%d %d 10 %d 0", total, pages, pages),
		"?page_size=0":                                    fmt.Sprintf("%d 0 1 %d 1", total, total),
		"?page_size=-7&page=-1":                           fmt.Sprintf("%d 0 1 %d 1", total, total),
		"?page_size=many&page=first":                      fmt.Sprintf("%d 0 %d 1 %d", total, total, total),
		"?page_size=99999999999999999999999&order=upward": fmt.Sprintf("%d 0 %d 1 %d", total, total, total),
	} {
		list := w.icons(query)
		m := list.Meta
		if got := fmt.Sprint(m.Total, m.Page, m.PageSize, m.PageCount, len(list.Data)); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	seen := map[int]bool{}
	for page := range pages { // as a program pages that stops at page_count
		for _, icon := range w.icons(fmt.Sprintf("?page_size=10&page=%d", page)).Data {
			seen[icon.ID] = true
		}
	}
	if len(seen) != total {
		t.Errorf("paging finds %d of %d icons", len(seen), total)
	}
}

func TestNoCredentialKeepsTheIconsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.nobody().get("api/v2/icons").body
	for name, p := range map[string]program{
		"a token that does not hold": w.bearer("nothing"), "a good key": w.holding("alice", basic),
		"a key that is none":     {w, func(r *http.Request) { r.SetBasicAuth("0123456789abcdef", "wrong") }},
		"a header that is none":  {w, func(r *http.Request) { r.Header.Set("Authorization", "Digest x") }},
		"two headers":            {w, func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer a", "Bearer b"} }},
		"a token in the address": {w, func(r *http.Request) { r.URL.RawQuery = "access_token=nothing" }},
	} {
		if a := p.get("api/v2/icons").want(http.StatusOK); a.body != want {
			t.Errorf("%s: got another answer", name)
		}
		p.get("content/icons/i2.png").want(http.StatusOK)
	}
}

func TestEveryIconHasItsImages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sizes := map[string]image.Point{"original": {45, 45}, "small": {40, 40}, "large": {99, 99}, "xlarge": {150, 149}}
	codes, ids := map[string]bool{}, map[int]bool{}
	for _, icon := range w.icons("").Data {
		movie := icon.Type == "movie"
		if want := fmt.Sprintf("%c%d", "ia"[b2i(movie)], icon.ID); icon.Code != want || icon.Title == "" || codes[icon.Code] || ids[icon.ID] {
			t.Errorf("got the code %q of %q, want %q once", icon.Code, icon.Title, want)
		}
		codes[icon.Code], ids[icon.ID] = true, true
		w.checkImage(icon.URL, movie, image.Pt(8, 8))
		if len(icon.Thumb) != len(sizes) {
			t.Errorf("%s: got the thumbs %v", icon.Code, icon.Thumb)
		}
		for name, size := range sizes {
			w.checkImage(icon.Thumb[name], movie, size)
		}
	}
}

func b2i(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (w *world) checkImage(url string, movie bool, size image.Point) {
	w.t.Helper()
	path, ours := strings.CutPrefix(url, baseURL+"/")
	if !ours {
		w.t.Errorf("got %q, want an image of ours", url)
		return
	}
	a := w.nobody().get(path).want(http.StatusOK)
	if got := a.header.Get("Cache-Control"); !strings.Contains(got, "max-age=31536000") {
		w.t.Errorf("%s: got Cache-Control %q", path, got)
	}
	config, format, err := image.DecodeConfig(strings.NewReader(a.body))
	if err != nil || image.Pt(config.Width, config.Height) != size || a.header.Get("Content-Type") != "image/"+format {
		w.t.Errorf("%s: got %d×%d %s as %s (%v), want %v", path, config.Width, config.Height, format, a.header.Get("Content-Type"), err, size)
	}
	if movie != (format == "gif") {
		w.t.Errorf("%s: got a %s of an icon that moves: %t", path, format, movie)
	}
	if !movie {
		return
	}
	if all, err := gif.DecodeAll(bytes.NewReader([]byte(a.body))); err != nil || len(all.Image) < 2 || all.Delay[0] == 0 {
		w.t.Errorf("%s: got %v, want pictures that follow each other", path, err)
	}
}

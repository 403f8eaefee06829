package lametric

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"net/http"
	"slices"
	"sync"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// drawing is eight rows of eight pixels, each a letter of the palette.
type drawing [side]string

const side = 8

// ink is a colour and its letter.
type ink struct {
	letter byte
	colour color.NRGBA
}

// inks are the colours of the drawings. What is clear stays dark on a clock.
var inks = []ink{
	{'.', color.NRGBA{}},
	{'w', color.NRGBA{0xff, 0xff, 0xff, 0xff}}, {'s', color.NRGBA{0x9a, 0xa5, 0xb1, 0xff}}, {'k', color.NRGBA{0x3a, 0x42, 0x4c, 0xff}},
	{'r', color.NRGBA{0xe5, 0x39, 0x35, 0xff}}, {'o', color.NRGBA{0xfb, 0x8c, 0x00, 0xff}}, {'y', color.NRGBA{0xfd, 0xd8, 0x35, 0xff}},
	{'g', color.NRGBA{0x43, 0xa0, 0x47, 0xff}}, {'l', color.NRGBA{0x9c, 0xcc, 0x65, 0xff}}, {'b', color.NRGBA{0x1e, 0x88, 0xe5, 0xff}},
	{'c', color.NRGBA{0x81, 0xd4, 0xfa, 0xff}}, {'p', color.NRGBA{0xab, 0x47, 0xbc, 0xff}}, {'n', color.NRGBA{0x8d, 0x6e, 0x63, 0xff}},
}

var palette = sync.OnceValue(func() color.Palette {
	colours := make(color.Palette, len(inks))
	for i, one := range inks {
		colours[i] = one.colour
	}
	return colours
})

// paint enlarges a drawing to an image.
func (d drawing) paint(width, height int) *image.Paletted {
	picture := image.NewPaletted(image.Rect(0, 0, width, height), palette())
	for y := range height {
		for x := range width {
			letter := d[y*side/height][x*side/width]
			at := slices.IndexFunc(inks, func(one ink) bool { return one.letter == letter })
			picture.SetColorIndex(x, y, uint8(max(at, 0)))
		}
	}
	return picture
}

// frameTime is how long a picture of a movie stands, in hundredths of a second.
const frameTime = 25

// render makes the image of an icon: PNG, or GIF where it moves.
func (i icon) render(width, height int) ([]byte, error) {
	var body bytes.Buffer
	if !i.moves() {
		err := png.Encode(&body, i.Frames[0].paint(width, height))
		return body.Bytes(), err
	}
	movie := &gif.GIF{}
	for _, frame := range i.Frames {
		movie.Image = append(movie.Image, frame.paint(width, height))
		movie.Delay = append(movie.Delay, frameTime)
		movie.Disposal = append(movie.Disposal, gif.DisposalBackground)
	}
	err := gif.EncodeAll(&body, movie)
	return body.Bytes(), err
}

// fileOf names the image of an icon in a size; the empty size is the drawing
// as it is.
func (i icon) fileOf(size string) string {
	name := i.Code()
	if size != "" {
		name += "_" + size
	}
	if i.moves() {
		return name + ".gif"
	}
	return name + ".png"
}

func (d *Door) imageURL(i icon, size string) string {
	return d.BaseURL + "/content/icons/" + i.fileOf(size)
}

// images renders each image once, when somebody asks for it first.
var images = sync.OnceValue(func() map[string]func() ([]byte, error) {
	files := map[string]func() ([]byte, error){}
	for _, i := range icons {
		files[i.fileOf("")] = sync.OnceValues(func() ([]byte, error) { return i.render(side, side) })
		for _, thumb := range thumbs {
			files[i.fileOf(thumb.name)] = sync.OnceValues(func() ([]byte, error) { return i.render(thumb.width, thumb.height) })
		}
	}
	return files
})

func (d *Door) showIcon(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	file := r.PathValue("file")
	render, known := images()[file]
	if !known {
		return domain.Errorf(domain.NotFound, "icon_not_found", "There is no such image.")
	}
	body, err := render()
	if err != nil {
		return err
	}
	kind := "image/png"
	if file[0] == 'a' {
		kind = "image/gif"
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return web.WriteBytes(w, http.StatusOK, kind, body)
}

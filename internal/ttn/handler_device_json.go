package ttn

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// endDeviceJSON is an end device. What is zero is left out.
type endDeviceJSON struct {
	AppID       string            `json:"app_id"`
	DevID       string            `json:"dev_id"`
	Description string            `json:"description,omitempty"`
	Latitude    float64           `json:"latitude,omitempty"`
	Longitude   float64           `json:"longitude,omitempty"`
	Altitude    int32             `json:"altitude,omitempty"` // metres
	Attributes  map[string]string `json:"attributes,omitempty"`
	LoRaWAN     loRaWANJSON       `json:"lorawan_device"`
}

// loRaWANJSON has the first ten attributes always: one program refuses the
// whole list without them, another breaks where dev_addr is null.
type loRaWANJSON struct {
	AppEUI      string `json:"app_eui"`
	DevEUI      string `json:"dev_eui"`
	AppID       string `json:"app_id"`
	DevID       string `json:"dev_id"`
	DevAddr     string `json:"dev_addr"`
	NwkSKey     string `json:"nwk_s_key"`
	AppSKey     string `json:"app_s_key"`
	AppKey      string `json:"app_key"`
	WideCounter bool   `json:"uses32_bit_f_cnt"`
	Constraints string `json:"activation_constraints"`

	CounterUp   uint32 `json:"f_cnt_up,omitempty"`
	CounterDown uint32 `json:"f_cnt_down,omitempty"`
	NoCounter   bool   `json:"disable_f_cnt_check,omitempty"`
	LastSeen    string `json:"last_seen,omitempty"` // Unix nanoseconds: too many digits for a number of JavaScript
}

func endDeviceAsJSON(app string, d domain.EndDevice) endDeviceJSON {
	out := endDeviceJSON{AppID: app, DevID: d.Name, Description: d.Description, Latitude: d.Latitude, Longitude: d.Longitude, Altitude: d.Altitude, Attributes: d.Attributes,
		LoRaWAN: loRaWANJSON{AppEUI: d.AppEUI, DevEUI: d.DevEUI, AppID: app, DevID: d.Name, DevAddr: d.DevAddr,
			NwkSKey: d.Keys.NetworkSession.Reveal(), AppSKey: d.Keys.AppSession.Reveal(), AppKey: d.Keys.App.Reveal(),
			WideCounter: d.WideCounter, Constraints: d.Constraints, CounterUp: d.CounterUp, CounterDown: d.CounterDown, NoCounter: d.NoCounter}}
	if d.LastSeen != 0 {
		out.LoRaWAN.LastSeen = strconv.FormatInt(d.LastSeen, 10)
	}
	return out
}

func endDevicesAsJSON(app string, devices []domain.EndDevice) []endDeviceJSON {
	list := make([]endDeviceJSON, len(devices))
	for i, device := range devices {
		list[i] = endDeviceAsJSON(app, device)
	}
	return list
}

// endDeviceBody is an end device as programs send it: numbers may be texts,
// as the JSON of gRPC has them.
type endDeviceBody struct {
	AppID       string            `json:"app_id"`
	DevID       string            `json:"dev_id"`
	Description string            `json:"description"`
	Latitude    float64           `json:"latitude"`
	Longitude   float64           `json:"longitude"`
	Altitude    whole[int32]      `json:"altitude"`
	Attributes  map[string]string `json:"attributes"`
	LoRaWAN     *struct {
		AppEUI      string        `json:"app_eui"`
		DevEUI      string        `json:"dev_eui"`
		AppID       string        `json:"app_id"`
		DevID       string        `json:"dev_id"`
		DevAddr     string        `json:"dev_addr"`
		NwkSKey     string        `json:"nwk_s_key"`
		AppSKey     string        `json:"app_s_key"`
		AppKey      string        `json:"app_key"`
		CounterUp   whole[uint32] `json:"f_cnt_up"`
		CounterDown whole[uint32] `json:"f_cnt_down"`
		NoCounter   bool          `json:"disable_f_cnt_check"`
		WideCounter bool          `json:"uses32_bit_f_cnt"`
		Constraints string        `json:"activation_constraints"`
		LastSeen    whole[int64]  `json:"last_seen"`
	} `json:"lorawan_device"`
}

// readEndDevice reads an end device of the application. All ids that name it
// agree, and those that name the application.
func readEndDevice(body []byte, app, inPath string) (domain.EndDevice, error) {
	if err := web.CheckJSON(body); err != nil {
		return domain.EndDevice{}, err
	}
	var in endDeviceBody
	if err := unmarshal(body, &in); err != nil {
		return domain.EndDevice{}, err
	}
	if in.LoRaWAN == nil {
		return domain.EndDevice{}, domain.InvalidField("lorawan_device", "lorawan_device is missing.")
	}
	name := inPath
	for _, id := range []struct {
		field, said string
		is          *string
	}{{"app_id", in.AppID, &app}, {"app_id", in.LoRaWAN.AppID, &app}, {"dev_id", in.DevID, &name}, {"dev_id", in.LoRaWAN.DevID, &name}} {
		if err := agree(id.field, *id.is, id.said); err != nil {
			return domain.EndDevice{}, err
		}
		if *id.is == "" {
			*id.is = id.said
		}
	}
	lorawan := in.LoRaWAN
	return domain.EndDevice{Name: name, AppEUI: lorawan.AppEUI, DevEUI: lorawan.DevEUI, DevAddr: lorawan.DevAddr, Description: in.Description,
		Latitude: in.Latitude, Longitude: in.Longitude, Altitude: in.Altitude.n, Attributes: in.Attributes, Constraints: lorawan.Constraints,
		NoCounter: lorawan.NoCounter, WideCounter: lorawan.WideCounter, CounterUp: lorawan.CounterUp.n, CounterDown: lorawan.CounterDown.n, LastSeen: lorawan.LastSeen.n,
		Keys: domain.EndDeviceKeys{App: secret.New(lorawan.AppKey), AppSession: secret.New(lorawan.AppSKey), NetworkSession: secret.New(lorawan.NwkSKey)}}, nil
}

// whole is a whole number, as a number or as a text of JSON.
type whole[T int32 | uint32 | int64] struct{ n T }

// UnmarshalJSON reads a number of either form; null and "" are zero.
func (w *whole[T]) UnmarshalJSON(text []byte) error {
	digits := strings.Trim(string(text), `"`)
	if digits == "" || digits == "null" {
		w.n = 0
		return nil
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		var float float64
		float, err = strconv.ParseFloat(digits, 64) // 1.5e18, as some programs print large ones
		if number = int64(float); float64(number) != float {
			err = strconv.ErrRange
		}
	}
	if w.n = T(number); err != nil || int64(w.n) != number {
		return &json.UnmarshalTypeError{Value: "value " + domain.Clip(string(text)), Type: reflect.TypeFor[T]()}
	}
	return nil
}

package apiclient

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Application is a named set of end devices.
type Application struct {
	ID           string     `json:"id"`
	Owner        string     `json:"owner"`
	Description  string     `json:"description,omitempty"`
	EUIs         []string   `json:"euis,omitempty"`
	Rights       []string   `json:"rights,omitempty"` // what the caller may do with it
	RegisteredAt *time.Time `json:"registered_at,omitempty"`
	EndDevices   int64      `json:"end_devices"`
	Payload      *Payload   `json:"payload,omitempty"`
	JoinKey      string     `json:"join_key,omitempty"`
	CreatedAt    time.Time  `json:"created_at,omitzero"`
	UpdatedAt    time.Time  `json:"updated_at,omitzero"`
	DeletedAt    *time.Time `json:"deleted_at,omitempty"`
}

// Payload is how an application reads the bytes of its end devices.
type Payload struct {
	Format    string `json:"format"` // "", "custom" or "cayennelpp"
	Decoder   string `json:"decoder"`
	Converter string `json:"converter"`
	Validator string `json:"validator"`
	Encoder   string `json:"encoder"`
}

// NewApplication is an application to be made.
type NewApplication struct {
	ID          string   `json:"id"`
	Description string   `json:"description,omitempty"`
	EUIs        []string `json:"euis,omitempty"` // none: the network assigns one
}

// ApplicationEdit changes an application. Nil leaves an attribute as it is.
type ApplicationEdit struct {
	Description *string  `json:"description,omitempty"`
	Payload     *Payload `json:"payload,omitempty"`
}

// AccessKey is a key that belongs to an application.
type AccessKey struct {
	Name      string    `json:"name"`
	Rights    []string  `json:"rights"`
	Key       Password  `json:"key,omitzero"` // masked where the caller may not see it
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// EndDevice is a device that belongs to an application.
type EndDevice struct {
	ID                    string            `json:"id"`
	Description           string            `json:"description"`
	AppEUI                string            `json:"app_eui"`
	DevEUI                string            `json:"dev_eui"`
	DevAddr               string            `json:"dev_addr"`
	AppKey                Password          `json:"app_key"`
	AppSessionKey         Password          `json:"app_s_key"`
	NetworkSessionKey     Password          `json:"nwk_s_key"`
	Latitude              float64           `json:"latitude"`
	Longitude             float64           `json:"longitude"`
	Altitude              int32             `json:"altitude"`
	Attributes            map[string]string `json:"attributes"`
	ActivationConstraints string            `json:"activation_constraints"`
	DisableFCntCheck      bool              `json:"disable_f_cnt_check"`
	Uses32BitFCnt         bool              `json:"uses_32_bit_f_cnt"`
	FCntUp                uint32            `json:"f_cnt_up"`
	FCntDown              uint32            `json:"f_cnt_down"`
	LastSeenAt            *time.Time        `json:"last_seen_at"`
}

func applicationPath(id string, more ...string) string {
	return path(append([]string{"applications", id}, more...)...)
}

// Applications lists the applications on which the caller has a right. It
// needs applications.read.
func (c *Client) Applications(ctx context.Context, page PageRequest) (Page[Application], error) {
	var applications Page[Application]
	return applications, c.do(ctx, call{method: http.MethodGet, path: "/applications", query: page.query()}, &applications)
}

// DeletedApplications lists the applications that can be restored.
func (c *Client) DeletedApplications(ctx context.Context, page PageRequest) (Page[Application], error) {
	var applications Page[Application]
	return applications, c.do(ctx, call{method: http.MethodGet, path: "/applications", query: onlyDeleted(page)}, &applications)
}

func onlyDeleted(page PageRequest) url.Values {
	query := page.query()
	query.Set("deleted", "true")
	return query
}

// Application returns one application.
func (c *Client) Application(ctx context.Context, id string) (Application, error) {
	var application Application
	return application, c.do(ctx, call{method: http.MethodGet, path: applicationPath(id)}, &application)
}

// CreateApplication makes an application.
func (c *Client) CreateApplication(ctx context.Context, application NewApplication) (Application, error) {
	var made Application
	return made, c.do(ctx, call{method: http.MethodPost, path: "/applications", body: application}, &made)
}

// EditApplication changes an application.
func (c *Client) EditApplication(ctx context.Context, id string, edit ApplicationEdit) (Application, error) {
	var changed Application
	return changed, c.do(ctx, call{method: http.MethodPatch, path: applicationPath(id), body: edit}, &changed)
}

// DeleteApplication deletes an application. For 30 days it can be restored.
func (c *Client) DeleteApplication(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: applicationPath(id)}, nil)
}

// RestoreApplication brings a deleted application back.
func (c *Client) RestoreApplication(ctx context.Context, id string) (Application, error) {
	var restored Application
	return restored, c.do(ctx, call{method: http.MethodPost, path: applicationPath(id, "restore")}, &restored)
}

// AddEUI adds an EUI to an application: 16 hexadecimal digits, or one of the
// network's own where it is empty. It returns the EUI.
func (c *Client) AddEUI(ctx context.Context, id, eui string) (string, error) {
	var added struct {
		EUI string `json:"eui"`
	}
	err := c.do(ctx, call{method: http.MethodPost, path: applicationPath(id, "euis"), body: map[string]string{"eui": eui}}, &added)
	return added.EUI, err
}

// RemoveEUI takes an EUI away from an application.
func (c *Client) RemoveEUI(ctx context.Context, id, eui string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: applicationPath(id, "euis", eui)}, nil)
}

// RegisterApplication makes the application manager know the application, so
// that it takes end devices.
func (c *Client) RegisterApplication(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodPut, path: applicationPath(id, "registration")}, nil)
}

// UnregisterApplication makes the application manager forget the application
// and its end devices.
func (c *Client) UnregisterApplication(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: applicationPath(id, "registration")}, nil)
}

// AccessKeys lists the access keys of an application.
func (c *Client) AccessKeys(ctx context.Context, id string) ([]AccessKey, error) {
	var keys Page[AccessKey]
	err := c.do(ctx, call{method: http.MethodGet, path: applicationPath(id, "access-keys")}, &keys)
	return keys.Items, err
}

// CreateAccessKey makes an access key with the rights and returns it.
func (c *Client) CreateAccessKey(ctx context.Context, id, name string, rights []string) (AccessKey, error) {
	var made AccessKey
	body := map[string]any{"name": name, "rights": rights}
	return made, c.do(ctx, call{method: http.MethodPost, path: applicationPath(id, "access-keys"), body: body}, &made)
}

// DeleteAccessKey deletes an access key.
func (c *Client) DeleteAccessKey(ctx context.Context, id, name string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: applicationPath(id, "access-keys", name)}, nil)
}

// EndDevices returns a function that lists the end devices of an application
// for All. It needs applications.devices.
func (c *Client) EndDevices(application string) func(context.Context, PageRequest) (Page[EndDevice], error) {
	return func(ctx context.Context, page PageRequest) (Page[EndDevice], error) {
		var devices Page[EndDevice]
		return devices, c.do(ctx, call{method: http.MethodGet, path: applicationPath(application, "end-devices"), query: page.query()}, &devices)
	}
}

// EndDevice returns one end device of an application, with its network keys.
func (c *Client) EndDevice(ctx context.Context, application, id string) (EndDevice, error) {
	var device EndDevice
	return device, c.do(ctx, call{method: http.MethodGet, path: applicationPath(application, "end-devices", id)}, &device)
}

// SetEndDevice puts an end device in the place of the one with its id, or adds
// it.
func (c *Client) SetEndDevice(ctx context.Context, application string, device EndDevice) (EndDevice, error) {
	var stored EndDevice
	return stored, c.do(ctx, call{method: http.MethodPut, path: applicationPath(application, "end-devices", device.ID), body: device.wire()}, &stored)
}

// CreateEndDevice adds an end device. One that is there is an error.
func (c *Client) CreateEndDevice(ctx context.Context, application string, device EndDevice) (EndDevice, error) {
	var made EndDevice
	return made, c.do(ctx, call{method: http.MethodPost, path: applicationPath(application, "end-devices"), body: device.wire()}, &made)
}

// DeleteEndDevice removes an end device.
func (c *Client) DeleteEndDevice(ctx context.Context, application, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: applicationPath(application, "end-devices", id)}, nil)
}

// wire is the end device as a request carries it: with its keys, which are
// printed nowhere else.
func (d EndDevice) wire() any {
	type plain EndDevice
	return struct {
		plain
		AppKey            string `json:"app_key"`
		AppSessionKey     string `json:"app_s_key"`
		NetworkSessionKey string `json:"nwk_s_key"`
	}{plain(d), d.AppKey.Reveal(), d.AppSessionKey.Reveal(), d.NetworkSessionKey.Reveal()}
}

package emulator

import (
	_ "embed"
	"html/template"
	"net/http"
	"sync"
)

//go:embed device.html
var devicePageText string

// devicePage is parsed when it is first shown: the command line links this package too.
var devicePage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("device").Parse(devicePageText))
})

// deviceView is the data of the verification page.
type deviceView struct {
	Code     string
	Users    []User
	Approver string // the user that is selected by default
	Outcome  string // the result of the decision, shown instead of the form
	Problem  string // why the decision failed
}

// devicePage serves the verification page (GET) and accepts the decision (POST). The page needs
// neither JavaScript nor other resources.
func (x *exchange) devicePage() {
	if x.r.Method == http.MethodGet || x.r.Method == http.MethodHead {
		x.showDevicePage(http.StatusOK, deviceView{Code: x.r.URL.Query().Get("user_code")})
		return
	}
	params, err := x.params()
	if x.r.Method != http.MethodPost || err != nil {
		x.w.Header().Set("Allow", "GET, HEAD, POST")
		x.json(http.StatusMethodNotAllowed, map[string]string{"message": "Method Not Allowed"})
		return
	}
	view := deviceView{Code: params["user_code"]}
	switch params["decision"] {
	case "approve":
		err = x.e.Approve(view.Code, params["user"])
		view.Outcome = "The device is logged in. You can close this page."
	case "deny":
		err = x.e.Deny(view.Code)
		view.Outcome = "The login was denied. You can close this page."
	default:
		x.showDevicePage(http.StatusBadRequest, deviceView{Code: view.Code, Problem: "choose Approve or Deny"})
		return
	}
	if err != nil {
		x.showDevicePage(http.StatusBadRequest, deviceView{Code: view.Code, Problem: err.Error()})
		return
	}
	x.showDevicePage(http.StatusOK, view)
}

func (x *exchange) showDevicePage(status int, view deviceView) {
	view.Users, view.Approver = x.config.Users, x.config.approver()
	h := x.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	x.w.WriteHeader(status)
	_ = devicePage().Execute(x.w, view) // fails only if the browser has disconnected
}

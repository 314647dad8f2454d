package app

import "attesta/app/web"

// Routes is the whole table of routes, as the program serves it.
func (a *App) Routes() ([]web.Route, error) {
	s, err := a.server(Pages{}, nil)
	if err != nil {
		return nil, err
	}
	return s.Routes(), nil
}

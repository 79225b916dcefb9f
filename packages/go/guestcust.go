// Package guestcust contains the JSON Schemas for vcenter.vm.guest.customization.info, the object in which vSphere's API reports
// the progress of a guest customization, with their rules and test vectors.
package guestcust

import "embed"

// Files has every file by its path, such as "rules.json" or
// "vcenter.vm.guest.customization.info/7.0.3.0.schema.json". README.md explains them.
//
//go:embed README.md rules.json draft-04 draft-07 editor meta openapi vcenter.vm.guest.customization.info vectors
var Files embed.FS

package project

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Partners returns the organisations that have a part in any project and haven't left, by code: those of which the
// network consists.
func Partners(ctx context.Context, q bun.IDB) ([]Organisation, error) {
	var list []Organisation
	err := q.NewSelect().Model(&list).Where("closed_at IS NULL").Where("id IN (SELECT organisation_id FROM project_organisations)").Order("code").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("organisations of the network: %w", err)
	}
	return list, nil
}

// DonorsOf returns who funds any of these projects, each once, in the order in which they are named.
func DonorsOf(ctx context.Context, q bun.IDB, projectIDs []int64) ([]Donor, error) {
	if len(projectIDs) == 0 {
		return nil, nil
	}
	var list []Donor
	err := q.NewSelect().Model(&list).Where("id IN (SELECT donor_id FROM project_donors WHERE project_id IN (?))", bun.List(projectIDs)).
		OrderExpr("(SELECT MIN(position) FROM project_donors AS pd WHERE pd.donor_id = donor.id AND pd.project_id IN (?)), id", bun.List(projectIDs)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("donors of projects: %w", err)
	}
	return list, nil
}

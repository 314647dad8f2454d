package roster

// fieldKeys are the message keys of what a column can be called on a page.
var fieldKeys = map[Field]string{
	Number: "roster.field_number", Given: "roster.field_given", Family: "roster.field_family", Name: "roster.field_name",
	GivenFamily: "roster.field_given_family", FamilyGiven: "roster.field_family_given", Institution: "roster.field_institution",
	InstitutionType: "roster.field_institution_type", Position: "roster.field_position", Gender: "roster.field_gender",
	Email: "roster.field_email", Phone: "roster.field_phone", Country: "roster.field_country", Language: "roster.field_language",
	Submitted: "roster.field_submitted", Attendance: "roster.field_attendance", Title: "roster.field_title",
	Parent: "roster.field_parent", Consent: "roster.field_consent", Contact: "roster.field_contact", Other: "roster.field_other",
}

// Key returns the key of the message that names a field.
func (f Field) Key() string {
	if k, ok := fieldKeys[f]; ok {
		return k
	}
	return "roster.field_other"
}

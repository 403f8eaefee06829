package domain

import "strings"

// FrequencyPlan is the radio channels that gateways and end devices of a
// region agree on. Gateways name it by its id (The Things Network).
type FrequencyPlan struct {
	ID            string
	Name          string // the frequencies for people: "EU 863-870 MHz"
	Description   string
	BaseFrequency int // MHz, the band by which people call it
}

// frequencyPlans are all plans, Europe first, because the first is what forms
// suggest.
var frequencyPlans = []FrequencyPlan{
	{"EU_863_870", "EU 863-870 MHz", "Europe, and most countries that follow its short-range device band", 868},
	{"US_902_928", "US 902-928 MHz", "United States and Canada, and parts of South America", 915},
	{"CN_779_787", "CN 779-787 MHz", "China, the band that is no longer open to new networks", 780},
	{"EU_433", "EU 433 MHz", "Europe and beyond, the amateur and short-range band around 433 MHz", 433},
	{"AU_915_928", "AU 915-928 MHz", "Australia and New Zealand, and parts of South America", 915},
	{"CN_470_510", "CN 470-510 MHz", "China", 470},
	{"AS_923", "AS 923 MHz", "Asia and Pacific, the channels that all its countries share", 923},
	{"AS_920_923", "AS 920-923 MHz", "Asia: Japan, Malaysia, Singapore", 923},
	{"AS_923_925", "AS 923-925 MHz", "Asia: Brunei, Cambodia, Hong Kong, Indonesia, Laos, Taiwan, Thailand, Vietnam", 923},
	{"KR_920_923", "KR 920-923 MHz", "South Korea", 922},
	{"IN_865_867", "IN 865-867 MHz", "India", 865},
	{"RU_864_870", "RU 864-870 MHz", "Russia", 868},
}

// FrequencyPlans lists all frequency plans.
func FrequencyPlans() []FrequencyPlan { return append([]FrequencyPlan(nil), frequencyPlans...) }

// FindFrequencyPlan returns the plan with the id. An unknown one is Invalid
// (invalid_frequency_plan), with the list of all.
func FindFrequencyPlan(id string) (FrequencyPlan, error) {
	ids := make([]string, len(frequencyPlans))
	for i, plan := range frequencyPlans {
		if plan.ID == id {
			return plan, nil
		}
		ids[i] = plan.ID
	}
	return FrequencyPlan{}, InvalidField("frequency_plan", "There is no frequency plan %q. Possible: %s.", Clip(id), strings.Join(ids, ", "))
}

package catalog

import (
	"maps"
	"slices"
	"strings"
)

// The API has two vocabularies: alerts are also called detections, and investigations cases. Names
// of operations and types have either, so a word of one finds the names of both.

// vocabulary has the two terms for each thing, in all forms that names have, in folded spelling.
// The first form is the shortest.
var vocabulary = [][2][]string{
	{{"alert", "alerts", "alertsservice"}, {"detection", "detections"}},
	{{"investigation", "investigations"}, {"case", "cases"}},
}

// synonyms returns a folded word in the other vocabulary: "alert" for "detections", and
// "alertsservicesearch" among others for "detectionsearch".
func synonyms(word string) (list []string) {
	for _, terms := range vocabulary {
		for i, own := range terms {
			other := terms[1-i]
			if slices.Contains(own, word) {
				return other[:1] // it is a part of the longer forms
			}
			for _, form := range own {
				if !strings.Contains(word, form) {
					continue
				}
				for _, replacement := range other {
					// The names of one vocabulary lack the version of the other's.
					list = append(list, strings.TrimSuffix(strings.Replace(word, form, replacement, 1), "v2"))
				}
			}
		}
	}
	return list
}

// otherNames are further names of services.
var otherNames = map[string]string{"detections": "alerts", "cases": "investigations2"}

// OtherNames returns further names that functions of this package accept for services, for example
// "detections" for "alerts", with the wire names.
func OtherNames() map[string]string {
	return maps.Clone(otherNames)
}

package corpus

// Purposes of random numbers, so that each attribute of a record has its own.
const (
	purposeID uint64 = iota + 1
	purposeTime
	purposeLate
	purposeDelay
	purposeTenant
	purposeTitle
	purposeSeverity
	purposeConfidence
	purposeStatus
	purposeReason
	purposeHost
	purposeUser
	purposeSource
	purposeDestination
	purposeDomain
	purposeHash
	purposeType
	purposeThirdParty
	purposePriority
	purposeUpdate
	purposeTag
	purposeLicense
	purposeRegion
	purposeAction
	purposePlatform
	purposeNumber
	purposeField // the field's position is added
)

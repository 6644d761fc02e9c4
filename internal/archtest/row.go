package archtest

// Row is one line of the table: a folder, its purpose, and the imports that its shipping code may
// have in addition to the standard library. Test files can import any package of this module.
//
// Folders are relative to the module, which is ".". The element "*" matches any one element, and a
// last element "..." matches the folder and all below it, for example "core/...".
type Row struct {
	Folder  string
	Purpose string
	// Ours are the folders of this module that it may import.
	Ours []string
	// Others are the third-party modules, or packages of them, that it may import.
	Others []string
	// Bans are packages of the standard library that it must not import.
	Bans []string
	// Testing allows Table.TestSupport in shipping code.
	Testing bool
	// Generated marks a folder in which only tests are hand-written.
	Generated bool
	// Module marks a separate module, with its imports in its go.mod.
	Module bool
}

// Table lists the folders of a module and the imports that each of them may have.
type Table struct {
	Module string
	// Rows are searched in order: a folder belongs to the first row that matches.
	Rows []Row
	// TestSupport are packages of the standard library that only tests may import.
	TestSupport []string
	// TestModules are the third-party modules that tests may import in addition to those of any row.
	TestModules []string
	// Aliases are the reasons for exported aliases of other packages' types, by the folder and the
	// name of the alias, for example "core/SettingError".
	Aliases map[string]string
	// MaxLines is the maximum number of lines of a hand-written file.
	MaxLines int
}

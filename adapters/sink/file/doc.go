// Package file is a sink of an export: a file of JSON lines that is rotated and compressed.
//
// It delivers each record exactly once. The position of the export names a file and an offset; when
// the export is opened again, the sink cuts its files back to that position, also if they have been
// rotated or compressed since. A program that reads the file while it is written may therefore see
// records that are taken back later. Files with a number that is lower than that of the last stored
// position never change again.
//
// The current file is PATH. Rotation renames it to PATH.1, the next one to PATH.2 and so on: a
// number never changes its file, and a higher number is newer. Compressed files have the additional
// suffix ".gz" or ".zst". Closed files may be taken away at any time, numbers are not used twice.
//
// Two more files lie in the same folder: PATH.lock keeps other processes away, and PATH.start marks
// how long the files were before the export began, until the export has stored its first position.
package file

package emulator

import (
	"slices"
	"strings"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// listComments lists the comments of a case, by default the oldest first.
func (c *call) listComments(args map[string]any) (source, error) {
	id := orDefault(textOf(at(args, "arguments.investigationId")), textOf(at(args, "arguments.caseId")))
	k, ok := c.caseByID(id)
	if !ok {
		return source{}, notFound("there is no investigation " + id)
	}
	visibility, _ := textAt(args, "arguments.visibility")
	comments := slices.DeleteFunc(slices.Clone(k.Comments), func(comment corpus.Comment) bool {
		return visibility == "INTERNAL" && !comment.Internal || visibility == "NOT_INTERNAL" && comment.Internal
	})
	if order, _ := textAt(args, "arguments.orderBy"); order == "DESCENDING" {
		slices.Reverse(comments)
	}
	return source{
		length: len(comments),
		at:     func(i int) any { return commentObject(k, comments[i]) },
		key:    func(i int) string { return comments[i].ID },
		more:   map[string]any{"totalUnreadCount": 0},
	}, nil
}

func commentObject(k *corpus.Case, comment corpus.Comment) any {
	return row{
		"id": comment.ID, "authorId": comment.Author, "createdAt": isoTime(comment.Created),
		"updatedAt": isoTime(comment.Updated), "comment": comment.Text, "investigationId": k.CaseID, "caseId": k.CaseID,
		"tenantId": k.Tenant, "isInternal": comment.Internal, "mentionsIds": mentions(comment.Text),
		"readByIds": []string{comment.Author}, "authorSubject": row{"id": comment.Author},
		"mentionsSubjects": references(mentions(comment.Text)), "readBySubjects": references([]string{comment.Author}),
	}
}

// mentions returns the words of a text that begin with "@".
func mentions(text string) []string {
	list := []string{}
	for word := range strings.FieldsSeq(text) {
		if strings.HasPrefix(word, "@") && len(word) > 1 {
			list = append(list, word)
		}
	}
	return distinct(list)
}

// addComment adds a comment to a case, which may be closed.
func (c *call) addComment(args map[string]any) (any, error) {
	id := orDefault(textOf(at(args, "input.investigationId")), textOf(at(args, "input.caseId")))
	k, ok := c.caseByID(id)
	if !ok {
		return nil, notFound("there is no investigation " + id)
	}
	internal, _ := at(args, "input.isInternal").(bool)
	now := c.scope.now.UTC()
	comment := corpus.Comment{
		ID: k.NewID(c.e.files.next()), Author: c.owner.subject(), Text: textOf(at(args, "input.comment")),
		Internal: internal, Created: now, Updated: now,
	}
	k = c.changeCase(k, func(changed *corpus.Case) { changed.Comments = append(slices.Clip(changed.Comments), comment) })
	return commentObject(k, comment), nil
}

// changeComment returns an operation that changes a comment or deletes it. Only its author may.
func changeComment(deletes bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		id := orDefault(textOf(at(args, "input.commentId")), textOf(at(args, "input.id")))
		has := func(comment corpus.Comment) bool { return comment.ID == id }
		found := c.scope.allCases(func(k *corpus.Case) bool { return slices.ContainsFunc(k.Comments, has) })
		if len(found) == 0 {
			return nil, notFound("there is no comment " + id)
		}
		k := c.scope.Cases.At(found[0])
		i := slices.IndexFunc(k.Comments, has)
		comment := k.Comments[i]
		if comment.Author != c.owner.subject() {
			return nil, coded("FORBIDDEN", "not authorized: only the author may change a comment")
		}
		k = c.changeCase(k, func(changed *corpus.Case) {
			changed.Comments = slices.Clone(changed.Comments)
			if deletes {
				changed.Comments = slices.Delete(changed.Comments, i, i+1)
				return
			}
			comment.Text, comment.Updated = textOf(at(args, "input.comment")), c.scope.now.UTC()
			changed.Comments[i] = comment
		})
		return commentObject(k, comment), nil
	}
}

package desk

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/desk/access"
	"loket/internal/store"
	"loket/router/queue"
)

// mentionsKey is a ZSET of one person: task → when somebody named them in a note of it, ms.
func mentionsKey(person string) string { return "lk:{desk}:m:" + person }

const (
	// mostMentions is how many tasks are kept in which a person was named; those before are forgotten.
	mostMentions = 200
	// mostNamed is how many people one note may name.
	mostNamed = 20
)

var mentionForm = regexp.MustCompile(`(?:^|[^\pL\pN_.@+-])@([\pL\pN_][\pL\pN._@+-]*)`)

// named are the colleagues whom a note names by @name, but for its author.
func (d *Desk) named(author, text string) []string {
	people := d.access()
	var named []string
	for _, m := range mentionForm.FindAllStringSubmatch(text, -1) {
		name := strings.TrimRight(m[1], ".-+@")
		if name != author && !slices.Contains(named, name) && people.Known("text", name) == nil && len(named) < mostNamed {
			named = append(named, name)
		}
	}
	return named
}

// mention notes for whom a note is. What cannot be noted is no reason to lose the note.
func (d *Desk) mention(ctx context.Context, t *queue.Task, named []string) {
	for _, name := range named {
		pipe := d.store.Redis().Pipeline()
		pipe.ZAdd(ctx, mentionsKey(name), redis.Z{Score: float64(d.now().UnixMilli()), Member: t.ID})
		pipe.ZRemRangeByRank(ctx, mentionsKey(name), 0, -mostMentions-1)
		if _, err := pipe.Exec(ctx); err != nil {
			d.log.Warn("mention not noted", zap.String("task", t.ID), zap.Error(store.Cause(err)))
		}
	}
}

// Mentions gives the tasks in whose notes the person was named and that they have not looked at since, the last first.
func (d *Desk) Mentions(ctx context.Context, by access.Actor) (Page, error) {
	ids, err := d.store.Redis().ZRevRange(ctx, mentionsKey(by.Agent), 0, mostMentions-1).Result()
	if err != nil {
		return Page{}, fmt.Errorf("list mentions: %w", store.Cause(err))
	}
	tasks, err := d.Glance(ctx, by, ids...)
	return Page{Tasks: tasks}, err
}

// MentionRead notes that the person looked at a task. Doing it again changes nothing.
func (d *Desk) MentionRead(ctx context.Context, by access.Actor, task string) error {
	if err := d.store.Redis().ZRem(ctx, mentionsKey(by.Agent), task).Err(); err != nil {
		return fmt.Errorf("note what was read: %w", store.Cause(err))
	}
	return nil
}

package thread

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// Absorb notes that a message which was taken for the beginning of a thread stands in another one: who it is from may have
// been given the link of a thread that never comes to be, and that link leads there. Doing it again changes nothing.
func (t *Threads) Absorb(ctx context.Context, message, thread string) error {
	_, err := t.store.Run(ctx, bindScript, []string{absorberKey(message)}, thread, referenceLife.Milliseconds())
	if err != nil {
		return fmt.Errorf("let links of thread %s lead to %s: %w", message, thread, err)
	}
	return nil
}

// Absorber gives the thread that took up what should have begun a thread, "" when there is none or the thread is there.
func (t *Threads) Absorber(ctx context.Context, id string) (string, error) {
	v, err := t.fields(ctx, id, "head")
	if err != nil || v[0] != "" {
		return "", err
	}
	return t.absorber(ctx, id)
}

func (t *Threads) absorber(ctx context.Context, id string) (string, error) {
	to, err := t.store.Redis().Get(ctx, absorberKey(id)).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look where thread %s is: %w", id, store.Cause(err))
	}
	return to, nil
}

// findAbsorbed gives the thread that took up what should have begun the thread id, as whoever that is from may know it:
// they began nothing but their own message.
func (t *Threads) findAbsorbed(ctx context.Context, id string) (*Thread, error) {
	v, err := t.store.Redis().MGet(ctx, absorberKey(id), goneKey(id)).Result()
	if err != nil {
		return nil, fmt.Errorf("look where thread %s is: %w", id, store.Cause(err))
	}
	to, _ := v[0].(string)
	switch {
	case v[1] != nil:
		return nil, fmt.Errorf("thread %s: %w", id, ErrForgotten)
	case to == "" || to == id:
		return nil, fmt.Errorf("thread %s: %w", id, ErrNone)
	}
	th, err := t.Find(ctx, to)
	if err != nil {
		return nil, err
	}
	own, err := t.Message(ctx, th.ID, id)
	if err != nil {
		return nil, err
	}
	th.Absorbed, th.From, th.To, th.Name, th.Subject = id, own.Message.From, own.Message.To, own.Message.Name, own.Message.Subject
	return th, nil
}

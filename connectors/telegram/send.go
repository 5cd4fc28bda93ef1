package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Send hands an answer to Telegram.
func (b *Bot) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := b.Check(m); err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	form := url.Values{"chat_id": {b.Recipient(m)}}
	if id, _, _ := strings.Cut(b.Answered(m), "/"); id != "" { // what follows is of an edit
		form.Set("reply_parameters", `{"message_id":`+id+`,"allow_sending_without_reply":true}`)
	}
	id, err := b.hand(ctx, m, form)
	return connectors.Receipt{ID: b.Recipient(m) + ":" + id, State: connectors.Sent}, err
}

// hand sends m in one call and gives its id there. What is too long or too wide for a photograph is a document.
func (b *Bot) hand(ctx context.Context, m *message.Message, form url.Values) (id string, err error) {
	if len(m.Attachments) == 0 {
		form.Set("text", m.Text)
		return b.api.Field(ctx, vendor.Call{Path: "/sendMessage", Form: form}, "result.message_id")
	}
	form.Set("caption", m.Text)
	file := vendor.File{Field: "photo", Attachment: m.Attachments[0], Blobs: b.env.Blobs}
	if file.Attachment.Type == "image/jpeg" && file.Attachment.Size <= 10<<20 {
		id, err = b.api.Field(ctx, vendor.Call{Path: "/sendPhoto", Form: form, File: &file}, "result.message_id")
		if e := vendor.As(err); e == nil || e.Status != http.StatusBadRequest {
			return id, err
		}
	}
	file.Field = "document"
	return b.api.Field(ctx, vendor.Call{Path: "/sendDocument", Form: form, File: &file}, "result.message_id")
}

// reasons put refusals in words of ours.
func reasons() []vendor.Reason {
	return []vendor.Reason{
		{Status: http.StatusForbidden, Says: "blocked", Means: "the customer blocked the bot"},
		{Status: http.StatusForbidden, Says: "deactivated", Means: "the customer has no account on Telegram any more"},
		{Status: http.StatusForbidden, Means: "the customer must write to the bot first"},
		{Status: http.StatusBadRequest, Says: "chat not found", Means: "the customer must write to the bot first"},
		{Status: http.StatusUnauthorized, Means: "Telegram does not take the token of the bot", Verdict: vendor.Retry},
		{Status: http.StatusNotFound, Means: "Telegram knows no bot with this token", Verdict: vendor.Retry},
		{Status: http.StatusConflict, Says: "webhook", Means: "a webhook is set for the bot, so nobody can poll"},
		{Status: http.StatusConflict, Means: "another program polls for the bot"},
	}
}

// look is an error when Telegram posts elsewhere, or could not lately.
func (b *Bot) look(ctx context.Context) error {
	set, err := b.api.Fields(ctx, vendor.Call{Path: "/getWebhookInfo"})
	switch {
	case err == nil && set["result.url"] != b.hookAt:
		return errors.New("the webhook of the bot is not ours: loket connectors setup says what to set")
	case time.Since(time.Unix(set.Int("result.last_error_date"), 0)) < 10*time.Minute:
		return errors.New("Telegram could not deliver lately: loket connectors setup says why")
	}
	return err
}

// Setup says what must stand at Telegram, and what does, as far as Telegram tells.
func (b *Bot) Setup(ctx context.Context) ([]string, error) {
	call := "  curl " + strings.TrimSuffix(b.cfg.APIURL, "/") + "/bot$TOKEN"
	lines := []string{"Updates are polled, as there is no secret_token. This takes a webhook away:", call + "/deleteWebhook"}
	if b.hookAt != "" {
		lines = []string{
			"Tell Telegram where to post, by https to port 443, 80, 88 or 8443, with token and secret_token of the configuration:",
			call + "/setWebhook -d url=" + b.hookAt + " -d secret_token=$SECRET_TOKEN -d 'allowed_updates=" + wanted + "'",
		}
	}
	me, errMe := b.api.Fields(ctx, vendor.Call{Path: "/getMe"})
	set, errSet := b.api.Fields(ctx, vendor.Call{Path: "/getWebhookInfo"})
	if err := cmp.Or(errMe, errSet); err != nil {
		return lines, fmt.Errorf("look what is set at Telegram: %w", err)
	}
	return append(lines, "right    the token is that of @"+me["result.username"], fmt.Sprintf("%s    the webhook is %q, where %s updates wait; the last error: %q",
		map[bool]string{true: "right", false: "WRONG"}[set["result.url"] == b.hookAt], set["result.url"], set["result.pending_update_count"], set["result.last_error_message"])), nil
}

var _ = []any{
	connectors.Sender((*Bot)(nil)), connectors.Checker((*Bot)(nil)), connectors.Reacher((*Bot)(nil)), connectors.Referrer((*Bot)(nil)),
	connectors.Guide((*Bot)(nil)), connectors.Troubled((*Bot)(nil)), connectors.Metered((*Bot)(nil)), http.Handler((*Bot)(nil)),
}

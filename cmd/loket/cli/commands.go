package cli

import (
	"context"
	"fmt"
	"os/user"
	"strings"

	"github.com/alecthomas/kong"
)

// commands is the command line. A field is a command; its struct says which flags it has.
//
// The tag from names the environment variable that a flag comes from when it is not given; local marks the commands
// that talk to no daemon; offer gives the usual words of a flag to the shell's completion, and ask what the daemon knows: teams or
// tasks.
type commands struct {
	configured
	daemon

	Serve serveCommand `cmd:"" local:"" group:"machine" help:"Run the daemon. SIGHUP reloads the configuration, SIGTERM stops gracefully."`
	Check checkCommand `cmd:"" local:"" group:"machine" help:"Check the configuration: every mistake with its line."`
	Route routeCommand `cmd:"" local:"" group:"machine" help:"Say what the rules would decide about message files, and why."`

	Calendar calendarCommand `cmd:"" local:"" group:"machine" help:"Show the working time of the coming days, and when so much of it has passed."`

	Next   nextCommand   `cmd:"" group:"queue" help:"Claim the most urgent task of a team."`
	Claim  claimCommand  `cmd:"" group:"queue" help:"Claim this very task."`
	List   listCommand   `cmd:"" group:"queue" help:"List tasks of a team, or those you hold."`
	Show   showCommand   `cmd:"" group:"queue" help:"Show a task with everything said in it."`
	Search searchCommand `cmd:"" group:"queue" help:"Find tasks by number, mail address, phone number, kind:value or words."`
	Events eventsCommand `cmd:"" group:"queue" help:"Follow what happens to tasks."`

	New      newCommand      `cmd:"" group:"task" help:"Begin a conversation with a customer."`
	Reply    replyCommand    `cmd:"" group:"task" help:"Answer the customer."`
	Answered answeredCommand `cmd:"" group:"task" help:"Note an answer that the customer had by another way: by phone, by letter."`
	Resend   resendCommand   `cmd:"" group:"task" help:"Send an answer once more that failed or may not have arrived."`
	Draft    draftCommand    `cmd:"" group:"task" help:"See to answers that were not taken and are kept: list, send, drop."`
	Canned   cannedCommand   `cmd:"" group:"task" help:"See to the texts that answers begin with: list, set, remove."`
	Forward  forwardCommand  `cmd:"" group:"task" help:"Pass a task on to somebody outside by mail. What they answer comes back as a note."`
	Note     noteCommand     `cmd:"" group:"task" help:"Note what colleagues should know. Customers never see it."`
	Return   returnCommand   `cmd:"" group:"task" help:"Give a task back. Its place is kept."`
	Transfer transferCommand `cmd:"" group:"task" help:"Pass a task on to another team. Its due time stays."`
	Wait     waitCommand     `cmd:"" group:"task" help:"Let a task rest until the customer writes, or until a time."`
	Close    closeCommand    `cmd:"" group:"task" help:"Close a task."`
	CloseAll closeAllCommand `cmd:"" group:"task" help:"Close every task that fits, after a look at them."`
	Reopen   reopenCommand   `cmd:"" group:"task" help:"Bring a closed task back."`
	Person   personCommand   `cmd:"" group:"task" help:"Say that a person wrote what was taken for a machine's message. The task comes back."`
	Assign   assignCommand   `cmd:"" group:"task" help:"Keep a task for one person, until it is due soon. For managers."`
	Link     linkCommand     `cmd:"" group:"task" help:"Note that two tasks have to do with each other."`
	Merge    mergeCommand    `cmd:"" group:"task" help:"Make one task of two: the second goes on in the first."`
	Label    labelCommand    `cmd:"" group:"task" help:"Change tags, priority and language of a task."`

	Attachment attachmentCommand `cmd:"" group:"task" help:"Save a file that came with a message."`

	Intake intakeCommand `cmd:"" group:"task" help:"Log a call, or what a customer said at the counter or in a letter."`

	Customer customerCommand `cmd:"" group:"customers" help:"Who customers are: find, show, link, merge, split, import…"`

	KPI    kpiCommand    `cmd:"" name:"kpi" group:"figures" help:"Show what was answered, how soon, and what is open."`
	Report reportCommand `cmd:"" group:"figures" help:"Show how a month went in each team, beside the month before."`

	Status     statusCommand     `cmd:"" group:"operations" help:"Show connectors, queues and what is on its way in."`
	Failed     failedCommand     `cmd:"" group:"operations" help:"See to answers that did not arrive, or may not have."`
	Quarantine quarantineCommand `cmd:"" group:"operations" help:"See to messages that could not be brought into a task."`
	Doctor     doctorCommand     `cmd:"" group:"operations" help:"Check every invariant of the store."`
	People     peopleCommand     `cmd:"" group:"operations" help:"See to who may sign in to the desk's pages."`
	Connectors connectorsCommand `cmd:"" group:"operations" help:"See to what a channel needs at its provider."`

	Help       helpCommand       `cmd:"" local:"" group:"other" help:"Show what a command does."`
	Version    versionCommand    `cmd:"" local:"" group:"other" help:"Print the version; --version too."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Print the teams or tasks that a command line may go on with."`
	Completion completionCommand `cmd:"" local:"" group:"other" help:"Print a completion script for your shell."`
}

// outputFlags are for commands whose answer programs may want.
type outputFlags struct {
	JSON bool `name:"json" help:"Print the answer as JSON."`
}

// configured is the configuration that is meant. Commands that talk to the daemon learn from it where that is.
type configured struct {
	Config string `short:"c" from:"LOKET_CONFIG" placeholder:"FILE" help:"The configuration, or where the daemon is by its configuration; config.yaml."`
}

// newParser makes the parser of the command line. The bool is set once help has been printed.
func newParser(ctx context.Context, cli *commands, w *streams) (*kong.Kong, *bool, error) {
	helped := new(bool)
	k, err := kong.New(cli,
		kong.Name("loket"),
		kong.Description("One counter for every channel: what customers say becomes a task in the queue of the team that answers.\n\n"+
			"At length: docs/operate.md (running it), docs/agents.md (answering), docs/customers.md, docs/managers.md (rules, "+
			"promises, figures), docs/commands.md (every flag)."),
		kong.Writers(w.out, w.err),
		kong.Exit(func(int) { *helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		figureWords(),
		kong.ExplicitGroups([]kong.Group{
			{Key: "machine", Title: "The machine:"},
			{Key: "queue", Title: "The queue:"},
			{Key: "task", Title: "A task:"},
			{Key: "customers", Title: "Customers:"},
			{Key: "figures", Title: "Figures:"},
			{Key: "operations", Title: "Operations:"},
			{Key: "other", Title: "Other:"},
			{Key: "daemon", Title: "To reach the daemon:"},
		}),
		kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
			if v := w.env(f.Tag.Get("from")); f.Tag.Has("from") && v != "" {
				return v, nil
			}
			return nil, nil
		})),
		kong.ValueFormatter(func(v *kong.Value) string {
			if v.Tag.Has("from") {
				return fmt.Sprintf("%s ($%s)", v.Help, v.Tag.Get("from"))
			}
			return v.Help
		}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Help(help),
	)
	return k, helped, err
}

// help leaves out how to reach the daemon where there is none to reach.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if n := ctx.Selected(); n != nil && n.Tag.Has("local") {
		for _, f := range ctx.Model.Flags {
			f.Hidden = f.Hidden || f.Group != nil && f.Group.Key == "daemon"
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// login is the name that the person at this terminal logged in by.
func login() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username[strings.LastIndex(u.Username, `\`)+1:]
}

package kpi

import "loket/router/kpi/column"

// A chunk is rows as they are stored and as they are read: a table for each kind. Most columns of most tables take none to
// three bytes a row.
type chunk struct {
	sorts  []Sort
	agents []string
	tables []table
	size   int
}

type table struct {
	kind Kind
	n    int
	cols [columns]column.Column
}

// The columns, in the order in which they are stored.
const (
	colMs = iota
	colSeq
	colBack // how long before the event the row counts
	colTask
	colSort
	colAgent
	colWait
	colEnding
	colWall
	colWorking
	colTarget
	colPicked
	colSpeed
	colSpeedWork
	colHeld
	colHeldWork
	colHandling
	colResolved
	colResolWork
	colFlag
	columns
)

// shape is how chunks are stored: the sorts of rows and the names of agents, to which rows refer, and the columns.
func shape() column.Shape { return column.Shape{Layout: 1, Lists: []int{6, 1}, Columns: columns} }

// encode makes a chunk of rows.
func encode(rows []Row) []byte {
	var of [kinds][]*Row
	for i := range rows {
		of[rows[i].Kind] = append(of[rows[i].Kind], &rows[i])
	}
	w := column.NewWriter(shape())
	var refs references
	for kind, some := range of {
		if len(some) == 0 {
			continue
		}
		w.Table(byte(kind), len(some))
		values := make([]int64, len(some))
		for col := range columns {
			for i, r := range some {
				values[i] = refs.value(r, col)
			}
			w.Column(values)
		}
	}
	return w.Chunk(refs.lists()...)
}

// references are what rows refer to.
type references struct {
	sorts  column.Dictionary[Sort]
	agents column.Dictionary[string]
}

func (refs *references) value(r *Row, col int) int64 {
	switch col {
	case colMs:
		return r.ID.Ms
	case colSeq:
		return r.ID.Seq
	case colBack:
		return r.ID.Ms - r.At
	case colTask:
		return r.Task
	case colSort:
		return int64(refs.sorts.Number(r.Sort))
	case colAgent:
		return int64(refs.agents.Number(r.Agent))
	case colWait:
		return int64(r.Wait)
	case colEnding:
		return int64(r.Ending)
	case colFlag:
		if r.Aside || r.DueSoon {
			return 1
		}
		return 0
	}
	return *r.span(col)
}

// span is the field of a row that a column of spans holds.
func (r *Row) span(col int) *int64 {
	return [...]*int64{
		&r.Wall, &r.Working, &r.Target, &r.Picked, &r.Speed, &r.SpeedWork, &r.Held, &r.HeldWork, &r.Handling, &r.Resolved, &r.ResolWork,
	}[col-colWall]
}

func (refs *references) lists() [][][]string {
	sorts, agents := make([][]string, len(refs.sorts.Values)), make([][]string, len(refs.agents.Values))
	for i, s := range refs.sorts.Values {
		sorts[i] = []string{s.Team, s.Channel, s.Connector, s.Priority, s.Rule, s.tags}
	}
	for i, a := range refs.agents.Values {
		agents[i] = []string{a}
	}
	return [][][]string{sorts, agents}
}

// decode reads a chunk. It keeps b, which must not change any more.
func decode(b []byte) (*chunk, error) {
	stored, err := column.Decode(shape(), b)
	if err != nil {
		return nil, err
	}
	c := &chunk{size: len(b), sorts: make([]Sort, len(stored.Lists[0])), agents: make([]string, len(stored.Lists[1]))}
	for i, s := range stored.Lists[0] {
		c.sorts[i] = Sort{Team: s[0], Channel: s[1], Connector: s[2], Priority: s[3], Rule: s[4], tags: s[5]}
	}
	for i, a := range stored.Lists[1] {
		c.agents[i] = a[0]
	}
	c.tables = make([]table, len(stored.Tables))
	for i := range stored.Tables {
		t := &stored.Tables[i]
		if Kind(t.Kind) >= kinds || !t.Within(colSort, len(c.sorts)) || !t.Within(colAgent, len(c.agents)) {
			return nil, column.ErrDamaged
		}
		c.tables[i] = table{Kind(t.Kind), t.Rows, [columns]column.Column(t.Columns)}
	}
	return c, nil
}

// row is row i as a whole.
func (c *chunk) row(t *table, i int) Row {
	r := Row{
		ID: ID{t.cols[colMs].At(i), t.cols[colSeq].At(i)}, Kind: t.kind, Task: t.cols[colTask].At(i),
		Sort: c.sorts[t.cols[colSort].At(i)], Agent: c.agents[t.cols[colAgent].At(i)],
		Wait: int(t.cols[colWait].At(i)), Ending: Ending(t.cols[colEnding].At(i)),
	}
	flag := t.cols[colFlag].At(i) == 1
	r.Aside, r.DueSoon = flag && t.kind != Running, flag && t.kind == Running
	r.At = r.ID.Ms - t.cols[colBack].At(i)
	for col := colWall; col <= colResolWork; col++ {
		*r.span(col) = t.cols[col].At(i)
	}
	return r
}

// rows are all rows of the chunk.
func (c *chunk) rows() []Row {
	var all []Row
	for i := range c.tables {
		for j := range c.tables[i].n {
			all = append(all, c.row(&c.tables[i], j))
		}
	}
	return all
}

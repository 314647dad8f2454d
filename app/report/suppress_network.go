package report

import "math"

// network is what a reader of suppressed figures knows about them: points at which as much flows in as out, and edges
// that are either shown or lie between two bounds.
type network struct {
	edges  []edge
	beside [][]int // the edges at a point
}

type edge struct {
	from, to  int
	n         int // the true number
	low, high int
}

func (n *network) point() int {
	n.beside = append(n.beside, nil)
	return len(n.beside) - 1
}

func (n *network) add(e edge) int {
	n.edges = append(n.edges, e)
	k := len(n.edges) - 1
	n.beside[e.from] = append(n.beside[e.from], k)
	n.beside[e.to] = append(n.beside[e.to], k)
	return k
}

// edge adds a published number: known if it is shown, else as its mark says. Of a dropped breakdown it isn't known
// whether there is anybody.
func (n *network) edge(from, to, value int, m mark, dropped bool, below int) int {
	e := edge{from: from, to: to, n: value, low: value, high: value}
	switch {
	case m == shown:
	case dropped:
		e.low, e.high = 0, math.MaxInt
	case m == small:
		e.low, e.high = 1, below-1
	case value > 0:
		e.low, e.high = 1, math.MaxInt
	}
	return n.add(e)
}

func (n *network) cell(from, to int, r *row, j, below int) int {
	return n.edge(from, to, r.cells[j].n, r.cells[j].mark, r.dropped, below)
}

// free adds a number that is published nowhere.
func (n *network) free(from, to, value int) {
	n.add(edge{from: from, to: to, n: value, low: min(0, value), high: math.MaxInt})
}

// room returns by how much the number of edge k could be another without contradicting anything, up to most.
func (n *network) room(k, most int) int {
	e := n.edges[k]
	up := n.push(e.to, e.from, k, min(most, e.high-e.n))
	down := n.push(e.from, e.to, k, min(most, e.n-e.low))
	return min(most, up+down)
}

// push returns how much, up to most, can flow from one point to another by changing hidden numbers other than k. It
// leaves the network as it was.
func (n *network) push(from, to, k, most int) int {
	changed := map[int]int{}
	done := 0
	for done < most {
		path := n.path(from, to, k, changed)
		if path == nil {
			break
		}
		for _, s := range path {
			changed[s.edge] += s.by
		}
		done++
	}
	return done
}

type step struct{ edge, by int }

// path returns the edges by which one more can flow from one point to another, or nil.
func (n *network) path(from, to, k int, changed map[int]int) []step {
	came := make([]step, len(n.beside)) // how each point was reached
	seen := make([]bool, len(n.beside))
	seen[from] = true
	queue := []int{from}
	for len(queue) > 0 && !seen[to] {
		at := queue[0]
		queue = queue[1:]
		for _, i := range n.beside[at] {
			e := n.edges[i]
			value := e.n + changed[i]
			next, by := e.to, 1
			if e.to == at {
				next, by = e.from, -1
			}
			if i == k || seen[next] || value+by > e.high || value+by < e.low {
				continue
			}
			seen[next], came[next] = true, step{i, by}
			queue = append(queue, next)
		}
	}
	if !seen[to] {
		return nil
	}
	var out []step
	for at := to; at != from; {
		s := came[at]
		out = append(out, s)
		if s.by > 0 {
			at = n.edges[s.edge].from
		} else {
			at = n.edges[s.edge].to
		}
	}
	return out
}

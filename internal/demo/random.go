package demo

import (
	"hash/fnv"
	"math"
	"time"
)

// random is splitmix64 (Steele, Lea, Flood 2014): small, fast and the same on
// every machine and Go version, which is all that a demo asks of chance.
type random struct{ state uint64 }

// newRandom makes a generator of its own for the name, so that a change to one
// station does not change all others.
func newRandom(seed uint64, name string) *random {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &random{state: mix(seed ^ h.Sum64())}
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return mix(r.state)
}

// float returns a number in [0, 1).
func (r *random) float() float64 { return unit(r.next()) }

func unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// normal returns a number with mean 0 and standard deviation 1 (Box–Muller).
func (r *random) normal() float64 {
	return math.Sqrt(-2*math.Log(1-r.float())) * math.Cos(2*math.Pi*r.float())
}

// count returns a whole number about as scattered as events that come by
// chance are around their mean.
func (r *random) count(mean float64) float64 {
	return math.Max(0, math.Round(mean+math.Sqrt(math.Max(0, mean))*r.normal()))
}

// drift is a smooth random curve between -1 and 1 that turns about once a
// period. It depends on the time alone, not on where one starts to look.
type drift struct {
	seed   uint64
	period float64 // seconds
}

func newDrift(seed uint64, name string, period time.Duration) drift {
	return drift{seed: newRandom(seed, name).next(), period: period.Seconds()}
}

func (d drift) at(t time.Time) float64 {
	x := float64(t.Unix()) / d.period
	whole := math.Floor(x)
	f := x - whole
	f = f * f * (3 - 2*f)
	return d.knot(whole)*(1-f) + d.knot(whole+1)*f
}

func (d drift) knot(i float64) float64 {
	return 2*unit(mix(d.seed+uint64(int64(i))*0x9e3779b97f4a7c15)) - 1
}

func clamp(x, low, high float64) float64 { return math.Min(math.Max(x, low), high) }

// round cuts to the decimals that an instrument would show.
func round(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale) / scale
}

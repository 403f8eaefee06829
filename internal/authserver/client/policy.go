package client

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// ApprovalPolicy says which clients wait for an administrator before others
// than their owner and testers can use them. The zero policy lets none wait.
type ApprovalPolicy struct {
	kinds   []domain.ClientKind
	Dynamic bool // those that registered themselves (RFC 7591), whatever their kind
}

// ParseApproval reads kinds of clients, and the words dynamic, all and none.
func ParseApproval(words []string) (ApprovalPolicy, error) {
	var policy ApprovalPolicy
	if len(words) == 1 && words[0] == "none" {
		return policy, nil
	}
	for _, word := range words {
		switch kind := domain.ClientKind(word); {
		case word == "all" && len(words) == 1:
			return ApprovalPolicy{kinds: domain.ClientKinds(), Dynamic: true}, nil
		case word == "dynamic":
			policy.Dynamic = true
		case slices.Contains(domain.ClientKinds(), kind):
			policy.kinds = append(policy.kinds, kind)
		default:
			return ApprovalPolicy{}, fmt.Errorf("%q; possible: standard, wotkit, lametric, ttn and dynamic with commas between them, or all, or none", strings.Join(words, ","))
		}
	}
	if len(words) == 0 {
		return ApprovalPolicy{}, errors.New("empty; say none where no app shall wait for an administrator")
	}
	return policy, nil
}

// Waits reports whether clients of the kind that a person registers wait.
func (p ApprovalPolicy) Waits(kind domain.ClientKind) bool { return slices.Contains(p.kinds, kind) }

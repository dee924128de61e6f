# Sums up what simulation, consent, kills and power cuts came to. To be sourced.
#
# Each such test leaves one line `kind name=number name=number ...` in the folder that
# CAUSEWAY_TALLIES names; lines of a kind are added up.

# Runs a command with a folder for tallies, then prints them. Fails when the command does, when a
# kind is missing, or when something was counted that may never happen.
with_tallies() {
    local folder outcome=0
    folder=$(mktemp -d)
    CAUSEWAY_TALLIES=$folder "$@" || outcome=$?
    sum_tallies "$folder" || outcome=1
    rm -rf "$folder"
    return "$outcome"
}

sum_tallies() {
    find "$1" -type f -exec cat {} + | awk '
        BEGIN {
            kinds = split("simulation consent kills power_cuts", kind)
            fewest["simulation"] = 4
            fewest["consent"] = 2
            fewest["kills"] = 5
            fewest["power_cuts"] = 1
            columns = split("runs messages lost duplicated out_of_order wrong_author echoed " \
                "prompted_twice seen_by_strangers uncertain late dead", column)
            for (i = 3; i <= 9; i++) never[column[i]] = 1
        }
        {
            left[$1]++
            for (i = 2; i <= NF; i++) {
                split($i, pair, "=")
                sum[$1, pair[1]] += pair[2]
                told[$1, pair[1]] = 1
                if (pair[1] ~ /\./) cause[$1] = cause[$1] (seen[$1, pair[1]]++ ? "" : " " pair[1])
            }
        }
        END {
            printf "\n%-11s", ""
            for (i = 1; i <= columns; i++) printf " %s", column[i]
            printf "\n"
            for (k = 1; k <= kinds; k++) {
                printf "%-11s", kind[k]
                for (i = 1; i <= columns; i++) {
                    name = column[i]
                    number = told[kind[k], name] ? sum[kind[k], name] + 0 : "-"
                    printf " %*s", length(name), number
                    if (never[name] && sum[kind[k], name] > 0) bad = 1
                }
                printf "\n"
            }
            for (k = 1; k <= kinds; k++) {
                many = split(cause[kind[k]], why, " ")
                for (i = 1; i <= many; i++) {
                    words = why[i]
                    gsub(/_/, " ", words)
                    sub(/\./, ", ", words)
                    printf "%s: %s: %d\n", kind[k], words, sum[kind[k], why[i]]
                }
                if (left[kind[k]] < fewest[kind[k]]) {
                    printf "%s: %d of at least %d tests have left their counts\n", kind[k], left[kind[k]], \
                        fewest[kind[k]]
                    bad = 1
                }
            }
            exit bad
        }'
}

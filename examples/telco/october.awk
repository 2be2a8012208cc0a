# Makes an October of 2025 that never was, from the public files: who stays and who leaves, what they are charged,
# who comes, and what it costs. The public files end with the quarter, and a forecast has to be held against something.
#
#   paste -d, telco/..._services.csv telco/..._status.csv > telco-all.csv
#   mkdir october && awk -f october.awk -v to=october telco-all.csv telco-all.csv
#
# It is an October as the quarter was. Of each contract, kind of internet and band of tenure as many leave as left in a
# month of the quarter, spread evenly through the file; of those who came in the quarter every third comes again, under
# another name. Both do so in the middle of the month, and pay half of it. Nothing that Keepworth has worked out is in it.
BEGIN { FS = "," }

FNR == 1 { for (i = 1; i <= NF; i++) if (!($i in column)) column[$i] = i; reading++; next }

{
    tenure = $column["Tenure in Months"]; left = $column["Churn Value"]
    segment = $column["Contract"] " / " $column["Internet Type"]
}

reading == 1 {
    stratum = segment SUBSEP band(tenure)
    leavers[stratum] += left; months[stratum] += tenure < 3 ? tenure : 3
    next
}

FNR == 2 { heads() }

tenure <= 3 && ++came % 3 == 0 { won++; live_october($1 "-october", 0) }

!left { live_october($1, tenure) }

END {
    # As assumptions.csv has it: of revenue, for each customer-month, and for each customer won.
    cost("cost-of-revenue", "COST_OF_REVENUE", 0.42 * charged); cost("service", "SERVICE", 4 * lived)
    cost("overhead", "OVERHEAD", 3 * lived); cost("acquisition", "ACQUISITION", 180 * won)
    # What the programme's first month cost, within what the scenario says.
    spend("PEOPLE", 1600); spend("TRAINING", 5500); spend("TECHNOLOGY", 2400)
}

function heads() {
    print "source,external_id,segment,acquired_on,observed_from,observed_to" > (to "/customers.csv")
    print "source,external_id,customer_external_id,kind,occurred_on" > (to "/lifecycle-events.csv")
    print "source,external_id,customer_external_id,month,amount,currency,kind" > (to "/revenues.csv")
    print "source,external_id,posted_on,category,amount,currency,basis,programme,line" > (to "/ledger-entries.csv")
}

function live_october(id, tenure,    stratum, share) {
    person(id, tenure)
    stratum = segment SUBSEP band(tenure + 1)
    due[stratum] += months[stratum] ? leavers[stratum] / months[stratum] : 0
    share = tenure ? 1 : 0.5
    if (due[stratum] >= 0.5) {
        due[stratum]--; share = 0.5
        print "telco," id "/left," id ",LEFT,2025-10-16" > (to "/lifecycle-events.csv")
    }
    lived += share
    charge(id, "charges", share * $column["Monthly Charge"], "RECURRING")
    charge(id, "long-distance", share * $column["Avg Monthly Long Distance Charges"], "USAGE")
}

function band(tenure) { return tenure <= 3 ? 0 : tenure <= 12 ? 1 : tenure <= 24 ? 2 : 3 }

function person(id, tenure,    since, from) {
    since = tenure ? first_day(tenure) : "2025-10-16"
    from = tenure > 3 ? "2025-07-01" : since
    print "telco," id "," segment "," since "," from ",2025-10-31" > (to "/customers.csv")
}

# The first of a month, so many months before October.
function first_day(before,    month) {
    month = 2025 * 12 + 9 - before
    return sprintf("%d-%02d-01", int(month / 12), month % 12 + 1)
}

function charge(id, what, amount, kind) {
    charged += amount
    if (amount > 0) printf "telco,%s/october-%s,%s,2025-10,%.2f,USD,%s\n", id, what, id, amount, kind > (to "/revenues.csv")
}

function cost(entry, category, amount) {
    printf "assumptions,october-%s,2025-10-31,%s,%.2f,USD,ASSUMED,,\n", entry, category, amount > (to "/ledger-entries.csv")
}

function spend(line, amount) {
    printf "assumptions,october-programme-%s,2025-10-31,PROGRAMME,%d,USD,ASSUMED,fibre-care,%s\n", line, amount, line > (to "/ledger-entries.csv")
}

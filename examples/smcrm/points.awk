# Makes a response history of the textbook's 500 firms: each firm is a point, what was spent on it and
# whether it answered.
#
#   awk -v lever=ACQUISITION -f points.awk customerAcquisition.csv
#   awk -v lever=RETENTION [-v ceiling=0.9] -f points.awk customerAcquisition.csv
BEGIN {
    FS = ","
    if (lever == "ACQUISITION") { spend = "acq_expense"; answer = "acquisition" }
    else if (lever == "RETENTION") { spend = "ret_expense"; answer = "censor" }
    else { print "give -v lever=ACQUISITION or RETENTION" > "/dev/stderr"; exit 2 }
}
NR == 1 { for (column = 1; column <= NF; column++) at[$column] = column; next }
# Only firms that were won could stay: those still there when the two years ended.
lever == "RETENTION" && $at["acquisition"] == 0 { next }
{
    points = points separator sprintf("{\"spend\":{\"amount\":\"%.2f\",\"currency\":\"USD\"},\"rate\":%d,\"n\":1}", \
        $at[spend], $at[answer])
    separator = ",\n  "
}
END {
    period = lever == "RETENTION" ? "\"period_months\":24," : ""
    top = ceiling == "" ? "" : ",\"ceiling\":" ceiling
    printf "{\"segment\":\"firms\",\"lever\":\"%s\",%s\"reason\":\"Kumar and Petersen 2012\",\n", lever, period
    printf " \"evidence\":{\"kind\":\"OBSERVED\"%s,\"points\":[\n  %s]}}\n", top, points
}

# Makes CSV of the public CDNOW log (columns: master id, sample id, date, discs, dollars).
#
#   awk -v of=customers -f log.awk CDNOW_sample.txt     each customer with the day of the first purchase
#   awk -v of=purchases -f log.awk CDNOW_sample.txt     each line of the log
BEGIN {
    if (of == "customers") print "customer,first"
    else if (of == "purchases") print "line,customer,date,amount"
    else { print "give -v of=customers or purchases" > "/dev/stderr"; exit 2 }
}
{ day = substr($3, 1, 4) "-" substr($3, 5, 2) "-" substr($3, 7, 2) }
of == "purchases" { print NR "," $2 "," day "," $5 }
of == "customers" && !($2 in known) { known[$2] = day; print $2 "," day }

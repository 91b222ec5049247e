// Reads a result with Trino's Go client: every row is scanned, every cell touched.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/trinodb/trino-go-client/trino"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("reader DSN SQL ITERATIONS")
	}
	iterations, err := strconv.Atoi(os.Args[3])
	check(err)
	database, err := sql.Open("trino", os.Args[1])
	check(err)
	defer database.Close()
	for range iterations {
		read(database, os.Args[2])
	}
}

func read(database *sql.DB, query string) {
	cpuBefore, began := cpu(), time.Now()
	var first time.Duration
	var rows, cells, bytes, heads, integers int64
	result, err := database.Query(query)
	check(err)
	columns, err := result.Columns()
	check(err)
	types, err := result.ColumnTypes()
	check(err)
	values := make([]any, len(columns))
	targets := make([]any, len(columns))
	doubles := make([]float64, len(columns))
	for at := range values {
		targets[at] = &values[at]
	}
	for result.Next() {
		check(result.Scan(targets...))
		if first == 0 {
			first = time.Since(began)
		}
		rows++
		for at, value := range values {
			if value == nil {
				continue
			}
			cells++
			switch value := value.(type) {
			case int64:
				integers += value
			case int32:
				integers += int64(value)
			case float64:
				doubles[at] += value
			case string:
				// Decimals come as text, too.
				if types[at].DatabaseTypeName() != "VARCHAR" {
					continue
				}
				bytes += int64(len(value))
				if len(value) > 0 && value[0] < 0x80 {
					heads += int64(value[0])
				}
			case time.Time:
			default:
				log.Fatalf("no workload has %T", value)
			}
		}
	}
	check(result.Err())
	check(result.Close())
	wall := time.Since(began)
	total := 0.0
	for _, double := range doubles {
		total += double
	}
	fmt.Printf("{\"rows\":%d,\"cells\":%d,\"bytes\":%d,\"heads\":%d,\"integers\":%d,\"doubles\":%v,"+
		"\"cpu\":%f,\"wall\":%f,\"first\":%f,\"peak\":%d}\n",
		rows, cells, bytes, heads, integers, total,
		(cpu() - cpuBefore).Seconds(), wall.Seconds(), first.Seconds(), peak())
}

// cpu is the user and system time of this process so far.
func cpu() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peak is the most memory that this process held, in kilobytes.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return kilobytes
		}
	}
	return 0
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Prints the values of one row, one a line.
package main

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	_ "github.com/alexbrainman/odbc"
)

func main() {
	db, err := sql.Open("odbc", "DSN="+os.Args[1])
	check(err)
	rows, err := db.Query(os.Args[2])
	check(err)
	types, err := rows.ColumnTypes()
	check(err)
	values := make([]any, len(types))
	targets := make([]any, len(types))
	for i := range values {
		targets[i] = &values[i]
	}
	if !rows.Next() {
		check(rows.Err())
	}
	check(rows.Scan(targets...))
	for i, value := range values {
		switch value := value.(type) {
		case nil:
			fmt.Println("NULL")
		case time.Time:
			fmt.Println(moment(value))
		case []byte:
			if i == 10 {
				fmt.Println(hex.EncodeToString(value))
			} else {
				fmt.Println(string(value))
			}
		default:
			fmt.Println(value)
		}
	}
}

func moment(value time.Time) string {
	switch {
	case value.Hour()+value.Minute()+value.Second() == 0:
		return value.Format("2006-01-02")
	case value.Year() <= 1:
		return value.Format("15:04:05.999999999")
	}
	return value.Format("2006-01-02 15:04:05.999999999")
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

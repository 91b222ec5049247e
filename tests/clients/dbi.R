suppressPackageStartupMessages({library(DBI); library(dplyr)})
connection <- dbConnect(odbc::odbc(), commandArgs(trailingOnly = TRUE)[1])
nations <- tbl(connection, dbplyr::in_catalog("tpch", "tiny", "nation"))
cat(as.integer(collect(count(nations))$n), "\n")

arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(RODBC))
connection <- odbcConnect(arguments[1], DBMSencoding = "UTF-8")
row <- sqlQuery(connection, arguments[2], as.is = TRUE, stringsAsFactors = FALSE)
stopifnot(is.data.frame(row))
for (value in row) {
  value <- value[[1]]
  if (is.raw(value)) cat(paste(format(value), collapse = ""), "\n", sep = "")
  else if (is.na(value)) cat("NULL\n")
  else if (is.numeric(value)) cat(format(value, digits = 17, scientific = abs(value) > 1e20), "\n", sep = "")
  else cat(value, "\n", sep = "")
}
odbcClose(connection)

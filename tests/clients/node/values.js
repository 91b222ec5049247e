const odbc = require('odbc');

(async () => {
  const [source, query] = process.argv.slice(2);
  const connection = await odbc.connect(`DSN=${source}`);
  const [row] = await connection.query(query);
  for (const value of Object.values(row)) {
    const bytes = value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value;
    console.log(bytes === null ? 'NULL' : String(bytes));
  }
  await connection.close();
})();

//! A real Trino: where it is, and what it says to a client that is not the driver.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client, RequestBuilder};
use scripted_trino::Signature;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::driver;

/// The facts that the lab was written down with.
#[derive(Debug, Clone)]
pub struct Lab(Value);

/// A result of the direct protocol, whole.
#[derive(Debug)]
pub struct Table {
    pub columns: Vec<(String, Signature)>,
    /// Each cell is its JSON.
    pub rows: Vec<Vec<Box<RawValue>>>,
}

impl Lab {
    /// The running lab. Panics, saying what to run, when there is none.
    pub fn get() -> Self {
        let Some(path) = std::env::var_os("TRINO_LAB") else {
            panic!(
                "TRINO_LAB names no facts of a running Trino; run `cargo xtask test --only server`"
            );
        };
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("TRINO_LAB is {}: {error}", path.display()));
        Self(serde_json::from_str(&text).expect("the facts are JSON"))
    }

    /// A fact, when it is known and a text.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    /// Whether segments are known to be used.
    pub fn spools(&self) -> bool {
        self.0["spooling"] == true
    }

    /// A connection string with all that this lab needs, and `more`.
    pub fn string(&self, more: &str) -> String {
        self.string_without("", more)
    }

    /// A connection string with all that this lab needs but for one fact, and `more`.
    pub fn string_without(&self, left_out: &str, more: &str) -> String {
        let attributes = self.attributes_without(left_out);
        format!("Driver={{{}}};{attributes}{more}", driver::NAME)
    }

    /// The keywords that this lab needs, but for the driver.
    pub fn attributes(&self) -> String {
        self.attributes_without("")
    }

    fn attributes_without(&self, left_out: &str) -> String {
        let mut text = format!(
            "Host={};Port={};User={};",
            self.fact("host").expect("a host"),
            self.0["port"],
            self.fact("user").expect("a user"),
        );
        if self.fact("scheme") == Some("https") {
            text += "SSL=1;";
        }
        for (fact, keyword) in [
            ("password", "Password"),
            ("coordinator_ca", "SSLTrustStore"),
            ("storage_ca", "StorageTrustStore"),
        ] {
            if let Some(value) = self.fact(fact).filter(|_| fact != left_out) {
                text += &format!("{keyword}={value};");
            }
        }
        text
    }

    /// The states of the queries that came from that source.
    pub fn queries_of(&self, source: &str) -> Vec<String> {
        let sql = format!("SELECT state FROM system.runtime.queries WHERE source = '{source}'");
        let rows = self.read(&sql).rows;
        rows.iter().map(|row| parsed(&row[0])).collect()
    }

    /// Panics when after some seconds a query from that source is still under way.
    pub fn assert_nothing_runs(&self, source: &str) {
        let start = Instant::now();
        loop {
            let states = self.queries_of(source);
            let is_over = |state: &String| state == "FINISHED" || state == "FAILED";
            if states.iter().all(is_over) {
                return;
            }
            let limit = Duration::from_secs(10);
            assert!(start.elapsed() < limit, "queries are left: {states:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Runs a statement over the direct protocol and reads all of it.
    pub fn read(&self, sql: &str) -> Table {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(self.read_pages(sql))
    }

    async fn read_pages(&self, sql: &str) -> Table {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder();
        if let Some(path) = self.fact("coordinator_ca") {
            let pem = fs::read(path).expect("the authority's file");
            let authority = Certificate::from_pem(&pem).expect("a certificate");
            client = client.tls_certs_only([authority]);
        }
        let client = client.build().expect("a client");
        let url = format!("{}/v1/statement", self.fact("url").expect("a url"));
        let request = client.post(url).body(sql.to_owned());
        let mut page = self.page(request).await;
        let mut table = Table {
            columns: Vec::new(),
            rows: Vec::new(),
        };
        loop {
            assert!(!page.contains_key("error"), "{}", page["error"]);
            if table.columns.is_empty()
                && let Some(columns) = page.get("columns")
            {
                let columns: Vec<Value> = parsed(columns);
                let described = columns.iter().map(|column| {
                    let kind = column["type"].as_str().expect("a type");
                    let name = column["name"].as_str().expect("a name");
                    (name.to_owned(), Signature::parse(kind))
                });
                table.columns = described.collect();
            }
            if let Some(data) = page.get("data") {
                table.rows.extend(parsed::<Vec<Vec<Box<RawValue>>>>(data));
            }
            let Some(next) = page.get("nextUri") else {
                return table;
            };
            page = self.page(client.get(parsed::<String>(next))).await;
        }
    }

    async fn page(&self, mut request: RequestBuilder) -> Page {
        let user = self.fact("user").expect("a user");
        if let Some(password) = self.fact("password") {
            request = request.basic_auth(user, Some(password));
        }
        let response = request.header("X-Trino-User", user).send().await;
        let response = response.and_then(|response| response.error_for_status());
        let text = response.expect("a response").text().await.expect("a body");
        serde_json::from_str(&text).expect("a response in JSON")
    }
}

/// The fields of a response, unread.
type Page = HashMap<String, Box<RawValue>>;

fn parsed<T: serde::de::DeserializeOwned>(field: &RawValue) -> T {
    serde_json::from_str(field.get()).expect("a field as the protocol has it")
}

//! The programs that read results and are compared.

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    Limit,
    Odbc,
    Jdbc,
    Go,
    Python,
    /// `fetchall` of the Python client.
    PythonAll,
    /// `fetchall` of pyodbc, through our driver.
    Pyodbc,
    /// `fetchall` of turbodbc, through our driver.
    Turbodbc,
    /// The Driver Manager with a driver that does nothing.
    Nothing,
}

/// The cores that a client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    All,
    One,
}

impl Client {
    pub const ALL: [Self; 5] = [Self::Limit, Self::Odbc, Self::Jdbc, Self::Go, Self::Python];

    pub fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Odbc => "odbc",
            Self::Jdbc => "jdbc",
            Self::Go => "go",
            Self::Python => "python",
            Self::PythonAll => "python fetchall",
            Self::Pyodbc => "pyodbc fetchall",
            Self::Turbodbc => "turbodbc fetchall",
            Self::Nothing => "nothing",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.name() == name)
    }

    /// Whether it is too slow to read as much as the others.
    pub fn reads_less(self) -> bool {
        matches!(
            self,
            Self::Go | Self::Python | Self::PythonAll | Self::Pyodbc | Self::Turbodbc
        )
    }

    /// How many times it reads a result; the last counts, warm.
    pub fn iterations(self) -> u32 {
        if self.reads_less() { 1 } else { 2 }
    }
}

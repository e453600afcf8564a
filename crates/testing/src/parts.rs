//! Rekey in parts, as it is laid out on one machine: which processes there are, where each listens, what each is told.
//!
//! Replicas of a service share its ports and differ in their address: 127.0.0.1, 127.0.0.2 and so on, as the addresses of one name
//! would.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

/// A kind of process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The HTTPS edge.
    Gateway,
    /// Users; begins resets.
    Scim,
    /// Credentials, sessions, the life of a reset.
    Authentication,
    /// Tenants and their options.
    TenantConfig,
    /// Mail.
    Notification,
}

impl Part {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Scim, Self::Authentication, Self::TenantConfig, Self::Notification];
    /// Those that own a database (and are called by others).
    pub const WITH_DATABASE: [Self; 4] = [Self::Scim, Self::Authentication, Self::TenantConfig, Self::Notification];

    /// The word that starts it: `rekey tenant-config`.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Scim => "scim",
            Self::Authentication => "authentication",
            Self::TenantConfig => "tenant-config",
            Self::Notification => "notification",
        }
    }

    /// Its name in the configuration: `services.tenant_config`.
    pub const fn section(self) -> &'static str {
        match self {
            Self::TenantConfig => "tenant_config",
            other => other.command(),
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// How many there are of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicas([u8; 5]);

impl Replicas {
    /// One of each.
    pub const ONE: Self = Self([1; 5]);
    /// Two of each, and three notifications.
    pub const SEVERAL: Self = Self([2, 2, 2, 2, 3]);

    /// How many of this kind.
    pub const fn of(self, part: Part) -> u8 {
        self.0[part.index()]
    }

    /// The same with another number of this kind.
    #[must_use]
    pub const fn with(mut self, part: Part, number: u8) -> Self {
        self.0[part.index()] = number;
        self
    }
}

/// The ports of one Rekey: the same at every replica's address.
#[derive(Clone, Copy, Debug)]
pub struct PartPorts {
    /// HTTPS.
    pub https: u16,
    /// gRPC of each part; the gateway's is not used.
    pub grpc: [u16; 5],
    /// `/readyz` of each part.
    pub admin: [u16; 5],
}

impl PartPorts {
    /// Eleven ports from wherever they come.
    pub fn from(mut next: impl FnMut() -> u16) -> Self {
        Self { https: next(), grpc: std::array::from_fn(|_| next()), admin: std::array::from_fn(|_| next()) }
    }
}

/// One Rekey in parts.
#[derive(Clone, Debug)]
pub struct Layout {
    /// How many processes of each kind.
    pub replicas: Replicas,
    /// Where they listen.
    pub ports: PartPorts,
    /// The folder that `rekey keys init` made.
    pub keys: PathBuf,
    /// A file with the first administrator's password.
    pub admin_password_file: PathBuf,
    /// Where the NATS server listens on 127.0.0.1.
    pub nats: u16,
    /// Where the mail server listens on 127.0.0.1.
    pub smtp: u16,
}

/// A process to be started: `rekey --config … <part>` with these variables.
#[derive(Clone, Debug)]
pub struct Process {
    /// Which kind.
    pub part: Part,
    /// Which of its kind, from 0 on.
    pub replica: u8,
    /// What it alone is told.
    pub environment: Vec<(String, String)>,
    /// Where it says whether it is ready.
    pub ready: String,
}

impl Process {
    /// `scim-1`
    pub fn name(&self) -> String {
        format!("{}-{}", self.part.command(), self.replica + 1)
    }
}

impl Layout {
    /// The sections of `deployment.toml` that all the processes share: the header and the lines of each.
    pub fn sections(&self) -> Vec<(String, String)> {
        let mut sections = vec![
            ("[server]".to_owned(), format!("base_path = \"{}\"", self.base())),
            ("[super_admin]".to_owned(), format!("password_file = \"{}\"", self.admin_password_file.display())),
            ("[output_adapter.email]".to_owned(), format!("from_address = \"rekey@example.com\"\nhostname = \"127.0.0.1\"\nport = {}", self.smtp)),
            ("[keys]".to_owned(), format!("dir = \"{}\"", self.keys.display())),
            ("[bus]".to_owned(), format!("url = \"tls://127.0.0.1:{}\"", self.nats)),
        ];
        for part in Part::WITH_DATABASE {
            sections.push((format!("[services.{}]", part.section()), format!("endpoint = \"{}\"", self.endpoint(part))));
        }
        sections
    }

    /// `https://localhost:<port>`
    pub fn base(&self) -> String {
        format!("https://localhost:{}", self.ports.https)
    }

    /// Where a gateway listens.
    pub fn gateway(&self, replica: u8) -> SocketAddr {
        SocketAddr::new(address(replica), self.ports.https)
    }

    /// Every process; `database` says where a part's database is.
    pub fn processes(&self, database: impl Fn(Part) -> String) -> Vec<Process> {
        Part::ALL
            .into_iter()
            .flat_map(|part| (0..self.replicas.of(part)).map(move |replica| (part, replica)))
            .map(|(part, replica)| self.process(part, replica, &database))
            .collect()
    }

    fn process(&self, part: Part, replica: u8, database: &impl Fn(Part) -> String) -> Process {
        let listen = |port: u16| SocketAddr::new(address(replica), port).to_string();
        let (section, admin) = (part.section().to_uppercase(), listen(self.ports.admin[part.index()]));
        let mut environment = vec![(format!("REKEY__SERVICES__{section}__ADMIN_LISTEN"), admin.clone())];
        if part == Part::Gateway {
            environment.push(("REKEY__GATEWAY__LISTEN".to_owned(), listen(self.ports.https)));
        } else {
            environment.push((format!("REKEY__SERVICES__{section}__LISTEN"), listen(self.ports.grpc[part.index()])));
            environment.push((format!("REKEY__DATABASE__{section}__URL"), database(part)));
        }
        Process { part, replica, environment, ready: format!("http://{admin}/readyz") }
    }

    fn endpoint(&self, part: Part) -> String {
        let one = |replica| format!("https://{}:{}", address(replica), self.ports.grpc[part.index()]);
        (0..self.replicas.of(part)).map(one).collect::<Vec<_>>().join(",")
    }
}

/// The address of a replica: 127.0.0.1 is the first one's.
pub const fn address(replica: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, replica + 1))
}

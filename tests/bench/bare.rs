//! The bare server's processes: one, or one for each of its services.

use anyhow::{Context, Result};
use hyper::StatusCode;
use rekey_tests::ports::free_port;
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
};

use crate::{
    client::Server,
    ground::Ground,
    house::House,
    program::{Program, is_listening},
    work::{Users, get},
};

/// A running bare server.
pub(crate) struct Bare {
    programs: Vec<Program>,
    pub(crate) server: Server,
}

impl Bare {
    /// All of it in one process.
    pub(crate) fn in_one_process(ground: &Ground, house: &House, users: &Users) -> Result<Self> {
        let starter = Starter::new(ground, house, users)?;
        let mut command = role(&["echo"])?;
        command.arg("--body").arg(&starter.body).args(["--scim", &ground.url("scim"), "--authentication", &ground.url("authentication")]);
        let (program, address) = starter.start(&mut command, "echo", "gateway")?;
        starter.done(vec![program], address)
    }

    /// The two services, and the edge that calls them.
    pub(crate) fn in_parts(ground: &Ground, house: &House, users: &Users) -> Result<Self> {
        let starter = Starter::new(ground, house, users)?;
        let (authentication, of_authentication) = starter.service("authentication")?;
        let (scim, of_scim) = starter.service("scim")?;
        let mut command = role(&["edge"])?;
        command.args(["--authentication", &of_authentication.to_string(), "--scim", &of_scim.to_string()]);
        let (edge, address) = starter.start(&mut command, "edge", "gateway")?;
        starter.done(vec![edge, authentication, scim], address)
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        self.programs.iter().map(Program::id).collect()
    }
}

struct Starter<'a> {
    ground: &'a Ground,
    house: &'a House,
    /// A file with what the product answers.
    body: PathBuf,
}

impl<'a> Starter<'a> {
    fn new(ground: &'a Ground, house: &'a House, users: &Users) -> Result<Self> {
        let body = ground.folder().join("answer.json");
        fs::write(&body, house.ask(get(&users.ids[0]), StatusCode::OK)?)?;
        Ok(Self { ground, house, body })
    }

    fn service(&self, name: &str) -> Result<(Program, SocketAddr)> {
        let mut command = role(&["service", name])?;
        command.arg("--body").arg(&self.body).args(["--database", &self.ground.url(name)]);
        self.start(&mut command, name, name)
    }

    /// With the keys of a service of the product.
    fn start(&self, command: &mut Command, name: &str, keys: &str) -> Result<(Program, SocketAddr)> {
        let (address, log) = (SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())), self.ground.folder().join(format!("bare-{name}.log")));
        command.arg("--keys").arg(self.house.keys(keys)).args(["--listen", &address.to_string()]);
        let mut program = Program::start(command, &log)?;
        program.wait_for("the bare server", || is_listening(address.port())).with_context(|| format!("see {}", log.display()))?;
        Ok((program, address))
    }

    fn done(&self, programs: Vec<Program>, edge: SocketAddr) -> Result<Bare> {
        Ok(Bare { programs, server: Server::new(edge.port(), &fs::read(self.house.keys("gateway").join("https.crt"))?)? })
    }
}

/// This program in another role.
fn role(words: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(words);
    Ok(command)
}

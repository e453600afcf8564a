//! Generated gRPC clients, servers and event messages of every Rekey service. Only the codec is written by hand.

mod codec;

/// Vocabulary that several services share.
pub mod common {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("rekey.common.v1");
    }
}
/// The authentication service.
pub mod authentication {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("rekey.authentication.v1");
    }
}
/// The SCIM service.
pub mod scim {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("rekey.scim.v1");
    }
}
/// The tenant-config service.
pub mod tenantconfig {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("rekey.tenantconfig.v1");
    }
}
/// The notification service.
pub mod notification {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("rekey.notification.v1");
    }
}
/// The events on the bus.
pub mod events {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("rekey.events.v1");
    }
}

/// What all of the above was generated from, for those who walk over every service and message: an encoded `FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("descriptors");

//! Users, their keys and their memberships.

use super::kind::{Kind, Seed};
use crate::json::{Raw, object};
use crate::random::pick;
use crate::world::{Namespace, ROOT, World};
use serde_json::Value;

const JOBS: [&str; 8] = [
    "Backend Engineer",
    "Site Reliability Engineer",
    "Product Manager",
    "Frontend Engineer",
    "Data Engineer",
    "Security Analyst",
    "Engineering Manager",
    "Technical Writer",
];
const CITIES: [&str; 8] = ["Amsterdam", "Nairobi", "Lisbon", "Toronto", "Kyoto", "Santiago", "Pune", "Gdansk"];

/// All users.
pub(super) struct Users;

impl Seed for Users {
    fn parent(&self) -> Option<Kind> {
        None
    }

    fn most(&self, world: &World) -> u64 {
        world.users
    }

    fn count(&self, world: &World, _: u64) -> u64 {
        world.users
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        Some(match field {
            "id" => (slot + 1).into(),
            "username" => world.person(slot).username.into(),
            "name" => world.person(slot).name.into(),
            "email" | "public_email" => format!("{}@acme.example", world.person(slot).username).into(),
            "state" => world.user_state(slot).into(),
            "created_at" | "updated_at" => world.born(slot, world.users).text().into(),
            "is_admin" => (slot == ROOT).into(),
            "external" => external(world, slot).into(),
            "bot" => false.into(),
            "two_factor_enabled" => two_factor(world, slot).into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, brief: bool, out: &mut Vec<u8>) {
        if brief {
            return user(world, slot, out);
        }
        let person = world.person(slot);
        let (name, username) = (person.name.as_str(), person.username.as_str());
        let dice = world.dice(&[8, slot]);
        let born = world.born(slot, world.users);
        let seen = born.later(86_400 + dice % 2_000_000);
        let admin = slot == ROOT;
        object!(out;
            "id": slot + 1,
            "username": username,
            "name": name,
            "state": world.user_state(slot),
            "locked": false,
            "avatar_url": avatar(world, slot).as_deref(),
            "web_url": format_args!("{}/{username}", world.origin),
            "created_at": born,
            "bio": pick(&["", "Likes small merge requests.", "On call every other week.", "Writes the release notes."], dice),
            "location": pick(&CITIES, dice >> 4),
            "linkedin": "",
            "twitter": "",
            "discord": "",
            "github": "",
            "skype": "",
            "website_url": format_args!("https://people.acme.example/{username}"),
            "organization": "Acme",
            "job_title": pick(&JOBS, dice >> 8),
            "pronouns": None::<bool>,
            "bot": false,
            "work_information": format_args!("{} at Acme", pick(&JOBS, dice >> 8)),
            "followers": dice % 40,
            "following": dice / 40 % 40,
            "is_followed": false,
            "local_time": "9:41 AM",
            "last_sign_in_at": seen,
            "confirmed_at": born.later(600),
            "last_activity_on": seen.day(),
            "email": format_args!("{username}@acme.example"),
            "theme_id": 1 + dice % 11,
            "color_scheme_id": 1 + dice % 5,
            "projects_limit": 100_000_u64,
            "current_sign_in_at": seen.later(3600),
            "current_sign_in_ip": format_args!("10.{}.{}.{}", dice % 256, (dice >> 8) % 256, (dice >> 16) % 254 + 1),
            "last_sign_in_ip": format_args!("10.{}.{}.7", dice % 256, (dice >> 8) % 256),
            "identities": Raw("[]"),
            "can_create_group": true,
            "can_create_project": true,
            "can_create_organization": true,
            "two_factor_enabled": two_factor(world, slot),
            "external": external(world, slot),
            "private_profile": false,
            "commit_email": format_args!("{username}@acme.example"),
            "preferred_language": "en",
            "shared_runners_minutes_limit": None::<bool>,
            "extra_shared_runners_minutes_limit": None::<bool>,
            "scim_identities": None::<bool>,
            "public_email": format_args!("{username}@acme.example"),
            "note": "",
            "extern_uid": "",
            "provider": "",
            "avatar_path": None::<bool>,
            "custom_attributes": Raw("[]"),
            "is_admin": admin,
            "is_auditor": false,
            "namespace_id": world.groups + slot + 1,
            "created_by": None::<bool>,
            "using_license_seat": true,
            "updated_at": seen,
        );
    }
}

fn external(world: &World, slot: u64) -> bool {
    slot > 1 && world.dice(&[9, slot]).is_multiple_of(25)
}

fn two_factor(world: &World, slot: u64) -> bool {
    !world.dice(&[10, slot]).is_multiple_of(3)
}

/// Every third user has uploaded a picture.
fn avatar(world: &World, slot: u64) -> Option<String> {
    world
        .dice(&[11, slot])
        .is_multiple_of(3)
        .then(|| format!("{}/uploads/-/system/user/avatar/{}/avatar.png", world.origin, slot + 1))
}

/// The public fields of a user. Other things contain users in this form.
pub(super) fn user(world: &World, slot: u64, out: &mut Vec<u8>) {
    let person = world.person(slot);
    object!(out;
        "id": slot + 1,
        "username": person.username.as_str(),
        "name": person.name.as_str(),
        "state": world.user_state(slot),
        "locked": false,
        "avatar_url": avatar(world, slot).as_deref(),
        "web_url": format_args!("{}/{}", world.origin, person.username),
    );
}

/// SSH keys of users.
pub(super) struct Keys;

impl Seed for Keys {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::User)
    }

    fn most(&self, _: &World) -> u64 {
        2
    }

    fn count(&self, world: &World, user: u64) -> u64 {
        1 + world.dice(&[12, user]) % 2
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (owner, position) = Kind::Key.place(world, slot);
        let born = world.born(owner, world.users).later(3600 * (position + 1));
        object!(out;
            "id": slot + 1,
            "title": ["laptop", "workstation"][position as usize],
            "key": format_args!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", world.sha(&[13, slot])),
            "created_at": born,
            "expires_at": None::<bool>,
            "last_used_at": born.later(86_400),
            "usage_type": "auth_and_signing",
        );
    }
}

/// Members of groups or projects.
pub(super) struct Members(pub(super) Kind);

impl Members {
    fn namespace(&self, parent: u64) -> Namespace {
        if self.0 == Kind::Group { Namespace::Group(parent) } else { Namespace::Project(parent) }
    }
}

impl Seed for Members {
    fn parent(&self) -> Option<Kind> {
        Some(self.0)
    }

    fn most(&self, _: &World) -> u64 {
        12
    }

    fn count(&self, world: &World, parent: u64) -> u64 {
        world.member_count(self.namespace(parent))
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let kind = if self.0 == Kind::Group { Kind::GroupMember } else { Kind::ProjectMember };
        let (parent, position) = kind.place(world, slot);
        let (user, level) = world.member(self.namespace(parent), position);
        let person = world.person(user);
        let born = world.born(user, world.users).later(7200);
        object!(out;
            "id": user + 1,
            "username": person.username.as_str(),
            "name": person.name.as_str(),
            "state": world.user_state(user),
            "locked": false,
            "avatar_url": avatar(world, user).as_deref(),
            "web_url": format_args!("{}/{}", world.origin, person.username),
            "access_level": level,
            "created_at": born,
            "expires_at": None::<bool>,
            "email": format_args!("{}@acme.example", person.username),
            "membership_state": "active",
        );
    }
}

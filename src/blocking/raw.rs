//! Raw requests.

use super::client::Client;
use super::download::Download;
use super::engine::Engine;
use super::lists::{Items, Pages};
use crate::error::Error;
use crate::raw::Raw;
use crate::send::response::Response;
use bytes::Bytes;
use glabflow_contract::{Method, Request};
use serde::de::DeserializeOwned;
use std::sync::Arc;

impl Client {
    /// A request to any path below the API root.
    pub fn raw(&self, method: Method, path: &str) -> Raw<Client> {
        Raw::new(self.clone(), method, path)
    }

    /// A `GET` request to any path below the API root.
    pub fn get(&self, path: &str) -> Raw<Client> {
        self.raw(Method::Get, path)
    }

    /// A `POST` request to any path below the API root.
    pub fn post(&self, path: &str) -> Raw<Client> {
        self.raw(Method::Post, path)
    }

    /// A `PUT` request to any path below the API root.
    pub fn put(&self, path: &str) -> Raw<Client> {
        self.raw(Method::Put, path)
    }

    /// A `DELETE` request to any path below the API root.
    pub fn delete(&self, path: &str) -> Raw<Client> {
        self.raw(Method::Delete, path)
    }

    /// A request of any operation, for programs that choose operations while they run.
    pub fn call(&self, request: Request) -> Raw<Client> {
        Raw::call(self.clone(), &request)
    }
}

impl Raw<Client> {
    fn split(self) -> (Raw, Arc<Engine>) {
        (Raw { client: self.client.inner, request: self.request }, self.client.engine)
    }

    /// Sends the request and decodes the response by serde.
    ///
    /// # Errors
    /// When the call fails.
    pub fn send<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (raw, engine) = self.split();
        engine.wait(raw.send())
    }

    /// Sends the request and returns the body of the response.
    ///
    /// # Errors
    /// When the call fails.
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        let (raw, engine) = self.split();
        engine.wait(raw.bytes())
    }

    /// Reads a list page by page.
    pub fn pages<T: DeserializeOwned + Send + 'static>(self) -> Pages<T> {
        let (raw, engine) = self.split();
        Pages::new(raw.pages(), &engine)
    }

    /// Reads a list item by item, through all of its pages.
    pub fn items<T: DeserializeOwned + Send + 'static>(self) -> Items<T> {
        let (raw, engine) = self.split();
        Items::new(raw.items(), &engine)
    }

    /// Sends the request and returns the response as a file.
    ///
    /// # Errors
    /// When the call fails.
    pub fn download(self) -> Result<Download, Error> {
        let (raw, engine) = self.split();
        Ok(Download::new(engine.wait(raw.download())?, engine))
    }
}

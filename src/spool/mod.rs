//! The spooling protocol: segments fetched and decoded ahead of the application.
mod window;

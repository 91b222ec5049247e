//! S3 for a lab: TLS, signatures checked, and each object bound to the key it was written with.
//!
//! Requests, signatures and their expiry are the `s3s` crate's. What is kept, and who may read it, is here: an
//! object written with a customer's key (SSE-C) is given only to one who shows the same key again.

use std::collections::BTreeMap;
use std::io::SeekFrom;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, Result};
use http_body_util::BodyExt;
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::dto::*;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::io::ReaderStream;

use super::certificates::Certificate;
use super::client::server_config;

/// The account of a lab's storage.
pub const ACCESS_KEY: &str = "lab-storage";
pub const SECRET_KEY: &str = "lab-storage-secret";

/// The bucket that exists.
pub const BUCKET: &str = "spooling";

/// Starts storage that keeps its objects in `folder`; it serves until the runtime ends.
pub async fn serve(folder: PathBuf, certificate: &Certificate) -> Result<SocketAddr> {
    std::fs::create_dir_all(&folder)?;
    let acceptor = TlsAcceptor::from(Arc::new(server_config(certificate)?));
    let mut builder = S3ServiceBuilder::new(Storage::new(folder));
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let service = builder.build();
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("cannot listen")?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let Ok((socket, _)) = listener.accept().await else {
                continue;
            };
            tokio::spawn(serve_connection(socket, acceptor.clone(), service.clone()));
        }
    });
    Ok(address)
}

async fn serve_connection(socket: TcpStream, acceptor: TlsAcceptor, service: S3Service) {
    let _ = socket.set_nodelay(true);
    // Clients that do not trust the authority hang up here; that is theirs to report.
    let Ok(stream) = acceptor.accept(socket).await else {
        return;
    };
    let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let service = service.clone();
        async move {
            let query = request.uri().query().unwrap_or_default();
            if query.contains("X-Amz-Signature=") && request.headers().contains_key(AUTHORIZATION) {
                // As S3 does, so that a client that sends the coordinator's credentials to storage fails.
                let mut response = hyper::Response::new(Body::from(TWO_MECHANISMS.to_owned()));
                *response.status_mut() = hyper::StatusCode::BAD_REQUEST;
                return Ok(response);
            }
            service.call(request.map(Body::from)).await
        }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

const TWO_MECHANISMS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidArgument</Code>\
    <Message>Only one auth mechanism allowed</Message></Error>";

/// The objects of the one bucket.
struct Storage {
    folder: PathBuf,
    objects: Mutex<BTreeMap<String, Object>>,
    uploads: Mutex<BTreeMap<String, Upload>>,
    next: AtomicU64,
}

/// A stored object. Its file goes with the last reference.
#[derive(Clone)]
struct Object {
    file: Arc<StoredFile>,
    size: u64,
    modified: SystemTime,
    key: Option<CustomerKey>,
}

struct StoredFile(PathBuf);

impl Drop for StoredFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

struct Upload {
    key: Option<CustomerKey>,
    parts: BTreeMap<i32, Object>,
}

/// The key that a client showed, as it came.
#[derive(Clone, PartialEq, Eq)]
struct CustomerKey {
    algorithm: String,
    key: String,
    digest: String,
}

impl CustomerKey {
    /// The key of one request, if it showed one; half a key is an error.
    fn shown(
        algorithm: Option<String>,
        key: Option<String>,
        digest: Option<String>,
    ) -> S3Result<Option<Self>> {
        match (algorithm, key, digest) {
            (None, None, None) => Ok(None),
            (Some(algorithm), Some(key), Some(digest)) if algorithm == "AES256" => Ok(Some(Self {
                algorithm,
                key,
                digest,
            })),
            _ => Err(s3_error!(
                InvalidArgument,
                "Incomplete or unknown customer encryption key."
            )),
        }
    }

    /// Whether one who shows `shown` may read what was written with `stored`.
    fn check(stored: Option<&Self>, shown: Option<&Self>) -> S3Result<()> {
        match (stored, shown) {
            (None, None) => Ok(()),
            (Some(stored), Some(shown)) if stored == shown => Ok(()),
            (Some(_), Some(_)) => Err(s3_error!(AccessDenied, "Wrong customer encryption key.")),
            (Some(_), None) => Err(s3_error!(
                InvalidRequest,
                "The object was stored with a customer encryption key, which was not shown."
            )),
            (None, Some(_)) => Err(s3_error!(
                InvalidRequest,
                "The object was stored without an encryption key."
            )),
        }
    }
}

impl Storage {
    fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            objects: Mutex::default(),
            uploads: Mutex::default(),
            next: AtomicU64::new(1),
        }
    }

    fn find(&self, key: &str, shown: Option<&CustomerKey>) -> S3Result<Object> {
        let objects = lock(&self.objects);
        let object = objects.get(key).ok_or_else(|| s3_error!(NoSuchKey))?;
        CustomerKey::check(object.key.as_ref(), shown)?;
        Ok(object.clone())
    }

    /// Writes a body to its own file.
    async fn keep(
        &self,
        body: Option<StreamingBlob>,
        key: Option<CustomerKey>,
    ) -> S3Result<Object> {
        let (mut file, stored) = self.create().await?;
        let mut size = 0;
        if let Some(body) = body {
            let mut body = Body::from(body);
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|_| s3_error!(IncompleteBody))?;
                if let Ok(data) = frame.into_data() {
                    size += data.len() as u64;
                    file.write_all(&data).await.map_err(disk)?;
                }
            }
        }
        file.flush().await.map_err(disk)?;
        Ok(Object {
            file: Arc::new(stored),
            size,
            modified: SystemTime::now(),
            key,
        })
    }

    async fn create(&self) -> S3Result<(File, StoredFile)> {
        let path = self.folder.join(self.number().to_string());
        let file = File::create(&path).await.map_err(disk)?;
        Ok((file, StoredFile(path)))
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl S3 for Storage {
    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let key = CustomerKey::shown(
            input.sse_customer_algorithm,
            input.sse_customer_key,
            input.sse_customer_key_md5,
        )?;
        let object = self.keep(input.body, key.clone()).await?;
        let e_tag = Some(object.e_tag());
        lock(&self.objects).insert(input.key, object);
        Ok(S3Response::new(PutObjectOutput {
            e_tag,
            sse_customer_algorithm: key.as_ref().map(|key| key.algorithm.clone()),
            sse_customer_key_md5: key.map(|key| key.digest),
            ..Default::default()
        }))
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let shown = CustomerKey::shown(
            input.sse_customer_algorithm,
            input.sse_customer_key,
            input.sse_customer_key_md5,
        )?;
        let object = self.find(&input.key, shown.as_ref())?;
        let bytes = match &input.range {
            Some(range) => range.check(object.size)?,
            None => 0..object.size,
        };
        let content_range = input
            .range
            .map(|_| format!("bytes {}-{}/{}", bytes.start, bytes.end - 1, object.size));
        let mut file = File::open(&object.file.0).await.map_err(disk)?;
        file.seek(SeekFrom::Start(bytes.start))
            .await
            .map_err(disk)?;
        let length = bytes.end - bytes.start;
        let stream = ReaderStream::with_capacity(file.take(length), 64 * 1024);
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(StreamingBlob::wrap(stream)),
            content_length: Some(length.cast_signed()),
            content_range,
            e_tag: Some(object.e_tag()),
            last_modified: Some(object.modified.into()),
            sse_customer_algorithm: shown.as_ref().map(|key| key.algorithm.clone()),
            sse_customer_key_md5: shown.map(|key| key.digest),
            ..Default::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let shown = CustomerKey::shown(
            input.sse_customer_algorithm,
            input.sse_customer_key,
            input.sse_customer_key_md5,
        )?;
        let object = self.find(&input.key, shown.as_ref())?;
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(object.size.cast_signed()),
            e_tag: Some(object.e_tag()),
            last_modified: Some(object.modified.into()),
            ..Default::default()
        }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        lock(&self.objects).remove(&request.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let mut objects = lock(&self.objects);
        let mut deleted = Vec::new();
        for object in request.input.delete.objects {
            objects.remove(&object.key);
            deleted.push(DeletedObject {
                key: Some(object.key),
                ..Default::default()
            });
        }
        let output = DeleteObjectsOutput {
            deleted: Some(deleted),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = input
            .continuation_token
            .clone()
            .or(input.start_after.clone());
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(0);
        let objects = lock(&self.objects);
        let mut found = objects
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after));
        let contents: Vec<_> = found
            .by_ref()
            .take(limit)
            .map(|(key, object)| s3s::dto::Object {
                key: Some(key.clone()),
                size: Some(object.size.cast_signed()),
                last_modified: Some(object.modified.into()),
                e_tag: Some(object.e_tag()),
                ..Default::default()
            })
            .collect();
        let more = found.next().is_some();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix,
            key_count: i32::try_from(contents.len()).ok(),
            max_keys: input.max_keys,
            is_truncated: Some(more),
            next_continuation_token: contents
                .last()
                .and_then(|object| object.key.clone())
                .filter(|_| more),
            contents: Some(contents),
            ..Default::default()
        }))
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        if request.input.bucket != BUCKET {
            return Err(s3_error!(NoSuchBucket));
        }
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let key = CustomerKey::shown(
            input.sse_customer_algorithm,
            input.sse_customer_key,
            input.sse_customer_key_md5,
        )?;
        let id = format!("upload-{}", self.number());
        lock(&self.uploads).insert(
            id.clone(),
            Upload {
                key,
                parts: BTreeMap::new(),
            },
        );
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..Default::default()
        }))
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let shown = CustomerKey::shown(
            input.sse_customer_algorithm,
            input.sse_customer_key,
            input.sse_customer_key_md5,
        )?;
        let part = self.keep(input.body, shown).await?;
        let mut uploads = lock(&self.uploads);
        let upload = uploads
            .get_mut(&input.upload_id)
            .ok_or_else(|| s3_error!(NoSuchUpload))?;
        CustomerKey::check(upload.key.as_ref(), part.key.as_ref())?;
        let e_tag = Some(part.e_tag());
        upload.parts.insert(input.part_number, part);
        Ok(S3Response::new(UploadPartOutput {
            e_tag,
            ..Default::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let upload = lock(&self.uploads)
            .remove(&input.upload_id)
            .ok_or_else(|| s3_error!(NoSuchUpload))?;
        let (mut file, stored) = self.create().await?;
        let mut size = 0;
        for named in input
            .multipart_upload
            .and_then(|named| named.parts)
            .unwrap_or_default()
        {
            let part = named
                .part_number
                .and_then(|number| upload.parts.get(&number));
            let part = part.ok_or_else(|| s3_error!(InvalidPart))?;
            let mut source = File::open(&part.file.0).await.map_err(disk)?;
            size += tokio::io::copy(&mut source, &mut file)
                .await
                .map_err(disk)?;
        }
        file.flush().await.map_err(disk)?;
        let object = Object {
            file: Arc::new(stored),
            size,
            modified: SystemTime::now(),
            key: upload.key,
        };
        let e_tag = Some(object.e_tag());
        lock(&self.objects).insert(input.key.clone(), object);
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag,
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        lock(&self.uploads).remove(&request.input.upload_id);
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

impl Object {
    /// A tag that no other object of this storage has.
    fn e_tag(&self) -> ETag {
        let name = self.file.0.file_name().unwrap_or_default();
        ETag::Strong(format!("{:0>32}", name.display()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn disk(error: std::io::Error) -> s3s::S3Error {
    s3_error!(error, InternalError, "The storage folder cannot be used.")
}

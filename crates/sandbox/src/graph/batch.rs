//! `POST /$batch`
//!
//! Source: <https://learn.microsoft.com/graph/json-batching>

use std::{collections::HashMap, sync::Arc};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    error::GraphError,
    server::{Reply, Request, admit, perform},
    tenant::Tenant,
};

const MOST: usize = 20;

/// Runs each request of a batch with the batch's own token, in the order given.
pub async fn run(
    tenant: &Arc<Tenant>,
    body: &Value,
    headers: &HeaderMap,
) -> Result<Reply, GraphError> {
    let requests = body["requests"]
        .as_array()
        .ok_or_else(|| GraphError::bad_request("Invalid batch payload format."))?;
    if requests.len() > MOST {
        return Err(GraphError::new(
            400,
            "MaximumValueExceeded",
            "Number of batch request steps exceeds the maximum value of 20.",
        ));
    }
    let mut statuses: HashMap<String, u64> = HashMap::new();
    let mut responses = Vec::new();
    for request in requests {
        let id = request["id"]
            .as_str()
            .filter(|id| !statuses.contains_key(*id))
            .ok_or_else(|| GraphError::bad_request("Each request needs an 'id' of its own."))?;
        let mut response = if waits_for_a_failure(request, &statuses) {
            let error =
                GraphError::new(424, "FailedDependency", "A request this depends on failed.");
            failure(tenant, &error)
        } else {
            one(tenant, request, headers).await
        };
        statuses.insert(
            id.to_owned(),
            response["status"].as_u64().unwrap_or_default(),
        );
        response["id"] = json!(id);
        responses.push(response);
    }
    Ok(Reply::Ok(json!({"responses": responses})))
}

fn waits_for_a_failure(request: &Value, statuses: &HashMap<String, u64>) -> bool {
    request["dependsOn"].as_array().is_some_and(|parents| {
        parents
            .iter()
            .filter_map(Value::as_str)
            .any(|parent| statuses.get(parent).is_none_or(|status| *status >= 400))
    })
}

async fn one(tenant: &Arc<Tenant>, request: &Value, outer: &HeaderMap) -> Value {
    let mut headers = HeaderMap::new();
    if let Some(authorization) = outer.get(header::AUTHORIZATION) {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str());
        let value = value.as_str().map(HeaderValue::from_str);
        if let (Ok(name), Some(Ok(value))) = (name, value) {
            headers.insert(name, value);
        }
    }
    let url = request["url"].as_str().unwrap_or_default();
    let url = url.strip_prefix("/v1.0").unwrap_or(url);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let body = match &request["body"] {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let method = request["method"]
        .as_str()
        .unwrap_or("GET")
        .to_ascii_uppercase();
    let request = Request {
        method: &method,
        path,
        query,
        headers: &headers,
        body: &body,
    };
    let reply = match admit(tenant, &request) {
        // A batch runs inside a batch's future: boxed, or its size would not be known.
        Ok(call) => Box::pin(perform(tenant, call)).await,
        Err(error) => Err(error),
    };
    match reply {
        Ok(reply) => success(reply),
        Err(error) => failure(tenant, &error),
    }
}

fn success(reply: Reply) -> Value {
    let typed = |kind: &str| json!({"Content-Type": kind});
    match reply {
        Reply::Ok(body) => {
            json!({"status": 200, "headers": typed("application/json"), "body": body})
        }
        Reply::Created { body, location } => {
            let mut headers = typed("application/json");
            if let Some(location) = location {
                headers["Location"] = json!(location);
            }
            json!({"status": 201, "headers": headers, "body": body})
        }
        Reply::NoContent => json!({"status": 204, "headers": {}}),
        Reply::Done => json!({"status": 200, "headers": {}}),
        Reply::Bytes(kind, bytes) => {
            json!({"status": 200, "headers": typed(kind), "body": STANDARD.encode(bytes)})
        }
    }
}

fn failure(tenant: &Tenant, error: &GraphError) -> Value {
    let id = tenant.mint.guid(&tenant.mint.fresh("request"));
    let stamp = tenant.timestamp().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let mut headers = json!({"Content-Type": "application/json"});
    if let Some(seconds) = error.retry_after_s {
        headers["Retry-After"] = json!(seconds.to_string());
    }
    json!({"status": error.status, "headers": headers, "body": error.body(&stamp, &id, &id)})
}

use super::*;

#[test]
fn the_count_of_an_update_is_its_only_cell() {
    let data = |text: &str| {
        PageData::Direct(serde_json::value::RawValue::from_string(text.to_owned()).unwrap())
    };
    assert_eq!(counted(&data("[[5]]")), Some(5));
    assert_eq!(counted(&data("[[null]]")), None);
    assert_eq!(counted(&data("[]")), None);
    assert_eq!(counted(&data(r#"[["x"]]"#)), None);
    assert_eq!(counted(&PageData::None), None);
}

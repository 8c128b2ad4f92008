//! Small bundles for the tests, written as strings and changed one cell or file at a time.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use interchange::oneroster::{self, Bundle, LineItem, ResultRow};
use interchange::report::{Refusal, Rejection};

/// A bundle by file name.
#[derive(Clone, Debug)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    /// A whole 1.1 bundle: one school, two classes, a teacher, two pupils, a mother, a gradebook.
    pub fn v1p1() -> Self {
        Self::of(&[
            (
                "manifest.csv",
                "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n\
                 file.demographics,absent\nsource.systemCode,absent\n",
            ),
            (
                "orgs.csv",
                "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no-1,,,Мектеп 7,school,007,\n",
            ),
            (
                "academicSessions.csv",
                "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n\
                 y-26,,,2026/27,schoolYear,2026-09-01,2027-05-25,,2027\nq-1,,,I,gradingPeriod,2026-09-01,2026-10-25,y-26,2027\n",
            ),
            (
                "courses.csv",
                "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\n\
                 c-alg,,,y-26,Algebra,ALG,7,o-1,Mathematics,M\n",
            ),
            (
                "classes.csv",
                "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,\
                 termSourcedIds,subjects,subjectCodes,periods\n\
                 k-7a,,,7 Ә,7,,,homeroom,,o-1,y-26,,,\n\
                 k-alg,,,Algebra 7 Ә,\"7,8\",c-alg,A7,Scheduled,12,o-1,\"y-26, q-1\",\"Algebra, Geometry\",,\"1,2\"\n",
            ),
            (
                "users.csv",
                "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,\
                 middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n\
                 u-t,,,TRUE,o-1,teacher,t,,Ирина,Ким,,,,,,,,Secret-1\n\
                 u-a,,,true,o-1,student,a,\"{LDAP:1},{LTI:2}\",Әлия,Омарова,,,,,,u-m,7,Secret-2\n\
                 u-b,,,true,o-1,student,b,,Тимур,Омаров,,,,,,,7,Secret-3\n\
                 u-m,,,false,o-1,parent,m,,Сауле,Омарова,,,saule@example.org,,,\"u-a, u-b\",,Secret-4\n",
            ),
            (
                "enrollments.csv",
                "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n\
                 e-1,,,k-7a,o-1,u-a,student,false,2026-09-01,\ne-2,,,k-alg,o-1,u-a,student,false,,\n\
                 e-3,,,k-alg,o-1,u-b,Student,,,\ne-4,,,k-alg,o-1,u-t,teacher,TRUE,,\n",
            ),
            ("categories.csv", "sourcedId,status,dateLastModified,title\ng-f,,,Formative\n"),
            (
                "lineItems.csv",
                "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,\
                 gradingPeriodSourcedId,resultValueMin,resultValueMax\n\
                 l-1,,,Fractions,,2026-09-07,2026-09-10,k-alg,g-f,q-1,0,10\n",
            ),
            (
                "results.csv",
                "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment\n\
                 r-1,,,l-1,u-a,fully graded,9.5,2026-09-11,\"Good, go on\"\nr-2,,,l-1,u-b,Exempt,,2026-09-11,\n",
            ),
        ])
    }

    /// The same in 1.2: roles apart, weights, scores in words.
    pub fn v1p2() -> Self {
        let mut files = Self::v1p1();
        files.edit("manifest.csv", "oneroster.version,1.1", "oneroster.version,1.2");
        files.put(
            "users.csv",
            "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,\
             phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,primaryOrgSourcedId,pronouns\n\
             u-t,,,true,t,,Ирина,Ким,,,,,,,,Secret-1,,,o-1,\nu-a,,,true,a,,Әлия,Омарова,,,,,,u-m,7,,,Аля,,\n\
             u-b,,,true,b,,Тимур,Омаров,,,,,,,7,,,,,\nu-m,,,true,m,,Сауле,Омарова,,,,,,u-b,,,,,,\n",
        );
        files.put(
            "roles.csv",
            "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n\
             p-1,,,u-t,primary,teacher,,,o-1,\np-2,,,u-a,primary,student,,,o-1,\np-3,,,u-b,primary,student,,,o-1,\n\
             p-4,,,u-m,primary,guardian,2026-09-01,,o-1,\np-5,,,u-t,secondary,principal,,,o-1,\n",
        );
        files.put("categories.csv", "sourcedId,status,dateLastModified,title,weight\ng-f,,,Formative,25\n");
        files.edit("lineItems.csv", "gradingPeriodSourcedId", "academicSessionSourcedId");
        files.put(
            "results.csv",
            "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,textScore,scoreDate,comment,late\n\
             r-1,,,l-1,u-a,fully graded,,A+,2026-09-11,,true\nr-2,,,l-1,u-b,submitted,,,2026-09-11,,\n",
        );
        files
    }

    pub fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect())
    }

    pub fn put(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        self.0.insert(name.to_owned(), bytes.as_ref().to_vec());
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name).expect(name);
        self
    }

    /// Replaces text that must be there.
    pub fn edit(&mut self, name: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.0[name].clone()).unwrap();
        assert!(text.contains(from), "{name} does not hold {from}");
        self.put(name, text.replace(from, to));
    }

    pub fn edited(mut self, name: &str, from: &str, to: &str) -> Self {
        self.edit(name, from, to);
        self
    }

    /// The bundle with one more row in a file.
    pub fn with_row(mut self, name: &str, row: &str) -> Self {
        let file = self.0.get_mut(name).unwrap();
        file.extend(row.as_bytes());
        file.push(b'\n');
        self
    }

    pub fn write(&self, home: &Path) {
        for (name, bytes) in &self.0 {
            std::fs::write(home.join(name), bytes).unwrap();
        }
    }

    pub fn zip(&self, path: &Path, folder: &str) {
        let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
        for (name, bytes) in &self.0 {
            zip.start_file(format!("{folder}{name}"), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
    }

    /// Reads the bundle from a folder, with its gradebook.
    pub fn read(&self) -> Result<Whole, Refusal> {
        let home = tempfile::tempdir().unwrap();
        self.write(home.path());
        whole(home.path())
    }

    pub fn refusal(&self) -> String {
        self.read().map(|_| ()).unwrap_err().sentence
    }

    pub fn rejections(&self) -> Vec<Rejection> {
        self.read().unwrap().bundle.rejections
    }
}

/// A bundle with its gradebook in memory.
#[derive(Debug)]
pub struct Whole {
    pub bundle: Bundle,
    pub line_items: Vec<LineItem>,
    pub results: Vec<ResultRow>,
}

pub fn whole(path: &Path) -> Result<Whole, Refusal> {
    let bundle = oneroster::read(path)?;
    let (mut line_items, mut results) = (Vec::new(), Vec::new());
    bundle.line_items(|row| -> Result<(), Refusal> {
        line_items.push(row);
        Ok(())
    })?;
    bundle.results(|row| -> Result<(), Refusal> {
        results.push(row);
        Ok(())
    })?;
    Ok(Whole { bundle, line_items, results })
}

/// Where a rejection lies: file, line, column.
pub fn spots(rejections: &[Rejection]) -> Vec<(&str, u64, &str)> {
    rejections.iter().map(|r| (r.file.as_str(), r.line, r.column.as_str())).collect()
}
